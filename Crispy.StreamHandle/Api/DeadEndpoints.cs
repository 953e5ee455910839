using Crispy.Contracts;

namespace Crispy.StreamHandle.Api;

/// <summary>The HTTP API of dead chunks. A chunk's id holds slashes: each route takes it as the three segments that it has, and as one, percent-encoded.</summary>
public static class DeadEndpoints
{
    private const string AsSegments = "/api/dead/{stream}/{epoch}/{sequence}";
    private const string AsOne = "/api/dead/{chunk}";

    /// <summary>Maps <c>GET /api/dead</c> (<c>stream</c>, <c>after</c>, and <c>limit</c> from 1 to 1000, by default 100), <c>GET /api/dead/{chunk}</c> and
    /// <c>POST /api/dead/{chunk}/replay</c>. Errors are problem details (RFC 9457): 400 for a malformed parameter, 404 for a chunk that is not dead,
    /// 409 for one that cannot be replayed as it is.</summary>
    public static void MapDead(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/dead", (DeadChunks dead, string? stream, string? after, string? limit) => List(dead, stream, after, limit));
        routes.MapGet(AsSegments, (DeadChunks dead, string stream, string epoch, string sequence) => Show(dead, $"{stream}/{epoch}/{sequence}"));
        routes.MapGet(AsOne, (DeadChunks dead, string chunk) => Show(dead, Uri.UnescapeDataString(chunk)));
        routes.MapPost(AsSegments + "/replay", (DeadChunks dead, string stream, string epoch, string sequence) => ReplayAsync(dead, $"{stream}/{epoch}/{sequence}"));
        routes.MapPost(AsOne + "/replay", (DeadChunks dead, string chunk) => ReplayAsync(dead, Uri.UnescapeDataString(chunk)));
    }

    private static IResult List(DeadChunks dead, string? stream, string? after, string? limit)
    {
        if (stream is not null && !StreamId.IsValid(stream)) return Malformed($"stream is '{stream}': not a stream's id");
        ChunkId? last = null;
        if (after is not null)
        {
            if (!ChunkId.TryParse(after, out var id)) return Malformed($"after is '{after}': not a chunk's id");
            last = id;
        }
        var most = 100;
        if (limit is not null && (!int.TryParse(limit, out most) || most is < 1 or > 1000)) return Malformed($"limit is '{limit}': must be 1 to 1000");
        return Results.Json(dead.Page(stream, last, most), DeadJson.Default.DeadPage);
    }

    private static IResult Show(DeadChunks dead, string chunk) =>
        ChunkId.TryParse(chunk, out var id) && dead.Find(id) is { } found ? Results.Json(found, DeadJson.Default.DeadChunk) : Unknown(chunk);

    private static async Task<IResult> ReplayAsync(DeadChunks dead, string chunk)
    {
        if (!ChunkId.TryParse(chunk, out var id)) return Unknown(chunk);
        try
        {
            return await dead.ReplayAsync(id) ? Results.Json(new ReplayedChunk(chunk, "queued"), DeadJson.Default.ReplayedChunk) : Unknown(chunk);
        }
        catch (NotReplayableException obstacle)
        {
            return Results.Problem(obstacle.Message, statusCode: StatusCodes.Status409Conflict, title: "Not replayable");
        }
    }

    private static IResult Unknown(string chunk) =>
        Results.Problem($"No dead chunk has the id '{chunk}'.", statusCode: StatusCodes.Status404NotFound, title: "Unknown dead chunk");

    private static IResult Malformed(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Malformed parameter");
}
