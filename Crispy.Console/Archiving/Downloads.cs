using Crispy.Archive;
using Crispy.Contracts;

namespace Crispy.Console.Archiving;

/// <summary>Links that a person can click at any time: each leads to a signed URL that is made at the click.</summary>
public static class Downloads
{
    /// <summary>Maps <c>GET /download/{stream}/{epoch}/{sequence}</c>.</summary>
    public static void MapDownloads(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/download/{stream}/{epoch}/{sequence}", async (string stream, string epoch, string sequence, ChunkArchive archive, CancellationToken stop) =>
        {
            try
            {
                if (ChunkId.TryParse($"{stream}/{epoch}/{sequence}", out var id) && await archive.UrlAsync(id, stop) is { } signed) return Results.Redirect(signed.Url);
                return Results.Problem("The bucket does not hold this chunk.", statusCode: StatusCodes.Status404NotFound, title: "Not stored");
            }
            catch (ArchiveAwayException away)
            {
                return Results.Problem(away.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The bucket is away");
            }
        }).ExcludeFromDescription();
}
