using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Forwarding;

/// <summary>Dead chunks where there are several stream-handles. Each lies in the spool of the one that recorded it, which need not be the
/// one that records its stream now. With a single stream-handle everything is passed on untouched.</summary>
public sealed class DeadForwarder(ApiForwarder forwarder, StreamHandleDirectory directory, StreamHandleClient client)
{
    /// <summary>One dead chunk, and what is done with it: asked of the one that has it.</summary>
    public async Task ForwardAsync(HttpContext context) => await forwarder.ForwardAsync(context, to: await OwnerAsync(context));

    /// <summary><c>POST /api/dead/replay</c> and <c>/api/dead/discard</c>: each stream-handle does it with those that it has.</summary>
    public async Task ActAsync(HttpContext context)
    {
        if (directory.Known is not { Count: > 1 } all)
        {
            await forwarder.ForwardAsync(context);
            return;
        }
        try
        {
            var body = await BodyAsync(context);
            var answers = await Task.WhenAll(all.Select(streamHandle => ActAsync(streamHandle, body, context)));
            await Results.Json(new JsonObject { ["results"] = Merge([.. answers.OfType<JsonArray>()], answers.Length) })
                .ExecuteAsync(context);
        }
        catch (RefusedException refused)
        {
            await refused.ToProblem().ExecuteAsync(context);
        }
    }

    // Null where it is away.
    private async Task<JsonArray?> ActAsync(Uri streamHandle, JsonNode? body, HttpContext context)
    {
        try
        {
            return (await client.SendAsync(streamHandle, HttpMethod.Post, context.Request.Path, body,
                stop: context.RequestAborted))?["results"] as JsonArray;
        }
        catch (Exception away)
            when (away is RefusedException { Status: >= 500 } || StreamHandleClient.IsNoAnswer(away, context.RequestAborted))
        {
            return null;
        }
    }

    private static JsonArray Merge(IReadOnlyList<JsonArray> answers, int asked)
    {
        if (answers.Count == 0) throw new RefusedException(StatusCodes.Status502BadGateway, "No stream-handle answered.");
        var merged = new JsonArray();
        for (var index = 0; index < answers[0].Count; index++)
        {
            var told = answers.Select(answer => answer[index]!).ToList();
            var best = told.Find(result => (bool)result["ok"]!) ?? told.Find(result => !IsUnknown(result)) ?? told[0];
            var result = best.DeepClone();
            if (answers.Count < asked && IsUnknown(result))
                result["error"] = $"{(string?)result["error"]} where it could be asked: a stream-handle did not answer";
            merged.Add(result);
        }
        return merged;
    }

    private static bool IsUnknown(JsonNode result) => (string?)result["problem"] == ProblemTypes.UnknownDeadChunk;

    private static async Task<JsonNode?> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            if (body.Length + read > ApiForwarder.MaxBody)
                throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"A body has at most {ApiForwarder.MaxBody} bytes.");
            body.Write(buffer, 0, read);
        }
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body.ToArray(), documentOptions: new() { MaxDepth = 8 });
        }
        catch (JsonException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "The body is not JSON.");
        }
    }

    // Null where nobody that answers has it, or nobody need be asked.
    private async Task<Uri?> OwnerAsync(HttpContext context)
    {
        if (directory.Known is not { Count: > 1 } all || Chunk(context.Request.Path) is not { } id) return null;
        var before = id.Sequence > 0 ? $"&after={Uri.EscapeDataString(new ChunkId(id.Stream, id.Epoch, id.Sequence - 1).ToString())}" : "";
        var asked = all.Select(streamHandle =>
            HasAsync(streamHandle, id.ToString(), $"/api/dead?stream={id.Stream}&limit=10{before}", context.RequestAborted)).ToList();
        return (await Task.WhenAll(asked)).Zip(all).FirstOrDefault(each => each.First).Second;
    }

    private async Task<bool> HasAsync(Uri streamHandle, string chunk, string list, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(MergedLists.Patience);
        try
        {
            return (await client.GetAsync<Page<DeadChunk>>(streamHandle, list, limit.Token)).Items.Any(dead => dead.Chunk == chunk);
        }
        catch (Exception away) when (away is RefusedException || StreamHandleClient.IsNoAnswer(away, stop))
        {
            return false;
        }
    }

    // /api/dead/{stream}/{epoch}/{sequence}/..., or the chunk's id as one percent-encoded segment.
    private static ChunkId? Chunk(PathString path)
    {
        var parts = Uri.UnescapeDataString(path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts is ["api", "dead", var stream, var epoch, var sequence, ..]
            && ChunkId.TryParse($"{stream}/{epoch}/{sequence}", out var id) ? id : null;
    }
}
