using Crispy.Archive;
using Crispy.Contracts;

namespace Crispy.Console.Archiving;

/// <summary>Links that a person can click at any time: each leads to a signed URL that is made at the click, and saves a file.</summary>
public static class Downloads
{
    /// <summary>The first part of their paths.</summary>
    public const string Path = "/download";

    /// <summary>Maps <c>GET /download/{stream}/{epoch}/{sequence}</c>.</summary>
    public static void MapDownloads(this IEndpointRouteBuilder routes) =>
        routes.MapGet($"{Path}/{{stream}}/{{epoch}}/{{sequence}}", FollowAsync).ExcludeFromDescription();

    private static async Task<IResult> FollowAsync(
        string stream, string epoch, string sequence, ChunkArchive archive, HttpResponse response, CancellationToken stop)
    {
        response.Headers.CacheControl = "no-store";
        try
        {
            var isId = ChunkId.TryParse($"{stream}/{epoch}/{sequence}", out var id);
            if (isId && await archive.UrlAsync(id, asFile: true, stop) is { } signed) return Results.Redirect(signed.Url);
            return Results.Problem("The bucket does not hold this chunk.", statusCode: StatusCodes.Status404NotFound, title: "Not stored");
        }
        catch (ArchiveAwayException away)
        {
            return Results.Problem(away.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The bucket is away");
        }
    }
}
