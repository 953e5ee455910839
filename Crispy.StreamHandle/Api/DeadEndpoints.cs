using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Reporting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Crispy.StreamHandle.Api;

/// <summary>The HTTP API of dead chunks. A chunk's id holds slashes: each route takes it as the three segments that it has,
/// and as one, percent-encoded.</summary>
public static class DeadEndpoints
{
    private const string AsSegments = "/api/dead/{stream}/{epoch}/{sequence}";
    private const string AsOne = "/api/dead/{chunk}";
    private const string Json = "application/json";
    private const int MaxNote = 200;
    private const int MaxSelection = 1000;

    /// <summary>Maps <c>/api/dead</c> with all below it. Errors are problem details (RFC 9457): 400 for a malformed parameter, 404 for a
    /// chunk that is not dead. 409 is for one that can be neither replayed nor discarded as it is.</summary>
    public static void MapDead(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/dead", (DeadChunks dead, string? stream, string? limit, string? after) =>
                TypedResults.Json(dead.Page(Requests.StreamIn("stream", stream), Requests.ChunkIn("after", after), Requests.Limit(limit)),
                    DeadJson.Default.DeadPage))
            .Describe("listDead", "Dead chunks", "A page, by stream and then by sequence number.").Produces<DeadPage>().Refuses(400)
            .Paged("the last chunk's id of the page before");
        api.MapGet(AsSegments,
            (DeadChunks dead, DeadFileProbe probe, string stream, string epoch, string sequence, CancellationToken gone) =>
                ShowAsync(dead, probe, $"{stream}/{epoch}/{sequence}", gone))
            .Describe("getDead", "One dead chunk",
                "Why it is dead, whether it can be replayed, and what its file is now: read to its end, for 15 s at most.")
                    .Produces<DeadChunk>().Refuses(404, 429);
        api.MapPost(AsSegments + "/replay",
            (DeadChunks dead, string stream, string epoch, string sequence) => ReplayAsync(dead, $"{stream}/{epoch}/{sequence}"))
            .Describe("replayDead", "Send a dead chunk again", "Into the spool, and published again.")
            .Produces<ReplayedChunk>().Refuses(404, 409);
        api.MapPost(AsSegments + "/discard",
            (DeadChunks dead, string stream, string epoch, string sequence, HttpRequest request) =>
                DiscardAsync(dead, $"{stream}/{epoch}/{sequence}", request))
            .Accepts<DiscardRequest>(isOptional: true, Json)
            .Describe("discardDead", "Give a dead chunk up",
                "A signed loss record with the reason discarded takes its place, then its files are deleted.").Produces<DiscardedChunk>()
                    .Refuses(400, 404, 409, 413, 415);
        api.MapPost("/api/dead/replay",
            (DeadChunks dead, HttpRequest request) => AllAsync(request, async (id, _) => await dead.ReplayAsync(id)))
                .Accepts<DeadSelection>(Json)
            .Describe("replayAllDead", "Send many dead chunks again", "Each as if alone; the answer says what became of each.")
            .Produces<DeadResults>().Refuses(400, 413, 415);
        api.MapPost("/api/dead/discard",
            (DeadChunks dead, HttpRequest request) => AllAsync(request, async (id, note) => await dead.DiscardAsync(id, note) is not null))
                .Accepts<DeadSelection>(Json)
            .Describe("discardAllDead", "Give many dead chunks up", "Each as if alone; the answer says what became of each.")
            .Produces<DeadResults>().Refuses(400, 413, 415);

        api.MapGet(AsOne,
            (DeadChunks dead, DeadFileProbe probe, string chunk, CancellationToken gone) =>
                ShowAsync(dead, probe, Uri.UnescapeDataString(chunk), gone)).ExcludeFromDescription();
        api.MapPost(AsOne + "/replay", (DeadChunks dead, string chunk) => ReplayAsync(dead, Uri.UnescapeDataString(chunk)))
            .ExcludeFromDescription();
        api.MapPost(AsOne + "/discard",
            (DeadChunks dead, string chunk, HttpRequest request) => DiscardAsync(dead, Uri.UnescapeDataString(chunk), request))
            .Accepts<DiscardRequest>(isOptional: true, Json).ExcludeFromDescription();
    }

    private static async Task<JsonHttpResult<DeadChunk>> ShowAsync(DeadChunks dead, DeadFileProbe probe,
        string chunk, CancellationToken gone)
    {
        if (!ChunkId.TryParse(chunk, out var id) || dead.Find(id) is not { } found) throw RefusalException.UnknownDeadChunk(chunk);
        return await probe.LookAsync(id, gone) is { } file ? TypedResults.Json(found with { Probe = file }, DeadJson.Default.DeadChunk)
            : throw new RefusalException(StatusCodes.Status429TooManyRequests, ProblemTypes.TooMany, "Too many at once",
                "Files of other dead chunks are being read; ask again in some seconds.");
    }

    private static async Task<JsonHttpResult<ReplayedChunk>> ReplayAsync(DeadChunks dead, string chunk)
    {
        if (!ChunkId.TryParse(chunk, out var id)) throw RefusalException.UnknownDeadChunk(chunk);
        try
        {
            return await dead.ReplayAsync(id)
                ? TypedResults.Json(new ReplayedChunk(chunk, "queued"), DeadJson.Default.ReplayedChunk)
                : throw RefusalException.UnknownDeadChunk(chunk);
        }
        catch (SpoolRefusedException obstacle)
        {
            throw RefusalException.Conflict(ProblemTypes.NotPossible, "Not replayable", obstacle.Message);
        }
    }

    private static async Task<JsonHttpResult<DiscardedChunk>> DiscardAsync(DeadChunks dead, string chunk, HttpRequest request)
    {
        var note = Note((await Requests.BodyAsync(request, DeadJson.Default.DiscardRequest))?.Reason);
        if (!ChunkId.TryParse(chunk, out var id)) throw RefusalException.UnknownDeadChunk(chunk);
        try
        {
            return await dead.DiscardAsync(id, note) is { } record
                ? TypedResults.Json(new DiscardedChunk(chunk, "lost", record), DeadJson.Default.DiscardedChunk)
                : throw RefusalException.UnknownDeadChunk(chunk);
        }
        catch (SpoolRefusedException obstacle)
        {
            throw RefusalException.Conflict(ProblemTypes.NotPossible, "Not discardable", obstacle.Message);
        }
    }

    private static async Task<JsonHttpResult<DeadResults>> AllAsync(HttpRequest request, Func<ChunkId, string?, Task<bool>> act)
    {
        var selection = await Requests.BodyAsync(request, DeadJson.Default.DeadSelection, Requests.MaxLongBody);
        if (selection?.Chunks is not { Count: >= 1 and <= MaxSelection } chunks)
            throw RefusalException.BadField("chunks", $"must be 1 to {MaxSelection} ids of dead chunks");
        var note = Note(selection.Reason);
        var results = new List<DeadResult>();
        foreach (var chunk in chunks) results.Add(await OneAsync(chunk));
        return TypedResults.Json(new DeadResults(results), DeadJson.Default.DeadResults);

        async Task<DeadResult> OneAsync(string? chunk)
        {
            try
            {
                return ChunkId.TryParse(chunk, out var id) && await act(id, note)
                    ? new(chunk!, true, null)
                    : new(chunk ?? "", false, "no dead chunk has this id", ProblemTypes.UnknownDeadChunk);
            }
            catch (Exception obstacle) when (obstacle is SpoolRefusedException or IOException)
            {
                return new(chunk!, false, obstacle.Message);
            }
        }
    }

    private static string? Note(string? reason) => reason is null || (reason.Length <= MaxNote && !reason.Any(char.IsControl)) ? reason
        : throw RefusalException.BadField("reason", $"must be at most {MaxNote} characters, none of them a control character");
}
