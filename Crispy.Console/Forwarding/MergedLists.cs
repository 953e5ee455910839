using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Forwarding;

/// <summary>Lists of several stream-handles as one. With a single one its answer is passed on untouched. What a stream-handle that does not
/// answer would have added is missing. The list says so: <c>away</c>,
/// <c>[{ "address": "http://10.0.0.7:8080", "error": "Connection refused" }]</c>, which is absent where all answered.</summary>
public sealed class MergedLists(ApiForwarder forwarder, StreamHandleDirectory directory, StreamHandleClient client, KnownStreams streams)
{
    /// <summary>How long a stream-handle has for its answer.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Of one that is known to be away, so that the others' answer does not wait for it each time.
    private static readonly TimeSpan LittlePatience = TimeSpan.FromSeconds(2);

    /// <summary><c>GET /api/streams</c>, ordered by id.</summary>
    public Task GetStreamsAsync(HttpContext context) => MergeAsync(context, "id");

    /// <summary><c>GET /api/dead</c>, ordered by stream and sequence number.</summary>
    public Task GetDeadAsync(HttpContext context) => MergeAsync(context, "chunk");

    /// <summary><c>GET /api/status</c>: numbers are added up, lists joined, and what differs is the first one's.</summary>
    public async Task GetStatusAsync(HttpContext context)
    {
        if (await AskAllAsync(context) is not { } told) return;
        await Results.Json(With(told.Away, told.Answers.Aggregate(AddUp).AsObject())).ExecuteAsync(context);
    }

    private async Task MergeAsync(HttpContext context, string key)
    {
        if (await AskAllAsync(context) is not { } told) return;
        var answers = told.Answers;
        var limit = int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var asked) ? asked : 100;
        var items = answers.SelectMany(answer => answer["items"]!.AsArray()).Select(item => item!.DeepClone()).ToList();
        // Of a stream that several share, the report of who records it.
        if (key == "id")
            items = [.. items.GroupBy(item => (string?)item[key])
                .Select(same => same.OrderBy(item => (string?)item["state"] == "standby").First())];
        List<JsonNode> ordered = key == "id" ? [.. items.OrderBy(item => (string?)item[key], StringComparer.Ordinal)] : InOrder(items);
        var page = ordered.Take(limit).ToList();
        var more = ordered.Count > page.Count || answers.Any(answer => answer["next"] is not null);
        var body = new JsonObject { ["items"] = new JsonArray([.. page]),
            ["next"] = more && page.Count > 0 ? (string?)page[^1][key] : null };
        if (answers.All(answer => answer["total"] is not null)) body["total"] = answers.Sum(answer => (long)answer["total"]!);
        await Results.Json(With(told.Away, body)).ExecuteAsync(context);
    }

    // As each stream-handle orders them: what comes after a page's last chunk is then the same for all.
    private static List<JsonNode> InOrder(IEnumerable<JsonNode> dead) => [.. dead
        .Select(item => (Item: item, Id: ChunkId.TryParse((string?)item["chunk"], out var id) ? id : default))
        .OrderBy(each => each.Id.Stream, StringComparer.Ordinal).ThenBy(each => each.Id.Sequence)
        .ThenBy(each => each.Id.Epoch, StringComparer.Ordinal).Select(each => each.Item)];

    private static JsonObject With(IReadOnlyList<Away> away, JsonObject body)
    {
        if (away.Count > 0)
            body["away"] = new JsonArray([.. away.Select(each => new JsonObject { ["address"] = each.Address, ["error"] = each.Error })]);
        return body;
    }

    // Null where the answer was given already.
    private async Task<Told?> AskAllAsync(HttpContext context)
    {
        if (directory.Known is not { Count: > 1 } all)
        {
            await forwarder.ForwardAsync(context);
            return null;
        }
        var answers = await Task.WhenAll(all.Select(streamHandle => AskAsync(streamHandle, context)));
        // A mistake of the request is the same for all of them.
        if (answers.Select(answer => answer.Refused)
            .FirstOrDefault(refused => refused is { Status: StatusCodes.Status400BadRequest }) is { } mistake)
        {
            await mistake.ToProblem().ExecuteAsync(context);
            return null;
        }
        var told = new Told([.. answers.Select(answer => answer.Json).OfType<JsonNode>()],
            [.. answers.Select(answer => answer.Away).OfType<Away>()]);
        if (told.Answers.Count > 0) return told;
        await Results.Problem($"No stream-handle answered. {string.Join("; ", told.Away.Select(each => $"{each.Address}: {each.Error}"))}",
            statusCode: StatusCodes.Status502BadGateway, title: "stream-handle is away")
            .ExecuteAsync(context);
        return null;
    }

    private async Task<(JsonNode? Json, Away? Away, RefusedException? Refused)> AskAsync(Uri streamHandle, HttpContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(streams.Troubles.Any(trouble => trouble.Address == streamHandle) ? LittlePatience : Patience);
        try
        {
            return (await client.GetAsync<JsonObject>(streamHandle, context.Request.Path + context.Request.QueryString, limit.Token), null,
                null);
        }
        catch (Exception failed) when (failed is RefusedException || StreamHandleClient.IsNoAnswer(failed, context.RequestAborted))
        {
            return (null, new(StreamHandleClient.Redacted(streamHandle), StreamHandleClient.Reason(failed)), failed as RefusedException);
        }
    }

    private static JsonNode AddUp(JsonNode one, JsonNode other) => Sum(one, other)!;

    private static JsonNode? Sum(JsonNode? one, JsonNode? other) => (one, other) switch
    {
        (JsonArray first, JsonArray second) => new JsonArray([.. first.Concat(second).Select(item => item?.DeepClone())]),
        (JsonObject first, JsonObject second) =>
            new JsonObject(first.Select(pair => KeyValuePair.Create(pair.Key, Sum(pair.Value, second[pair.Key])))),
        (JsonValue first, JsonValue second) when first.TryGetValue<long>(out var a) && second.TryGetValue<long>(out var b) => a + b,
        (JsonValue first, JsonValue second) when first.TryGetValue<bool>(out var a) && second.TryGetValue<bool>(out var b) => a && b,
        _ => (one ?? other)?.DeepClone(),
    };

    private sealed record Away(string Address, string Error);

    private sealed record Told(IReadOnlyList<JsonNode> Answers, IReadOnlyList<Away> Away);
}
