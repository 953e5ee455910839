using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Console.Recorders;

namespace Crispy.Console.Forwarding;

/// <summary>Lists of several stream-handles as one. With a single one its answer is passed on untouched.</summary>
public sealed class MergedLists(ApiForwarder forwarder, RecorderDirectory directory, RecorderClient client)
{
    /// <summary><c>GET /api/streams</c>, ordered by id.</summary>
    public Task GetStreamsAsync(HttpContext context) => MergeAsync(context, "id");

    /// <summary><c>GET /api/dead</c>, ordered by chunk.</summary>
    public Task GetDeadAsync(HttpContext context) => MergeAsync(context, "chunk");

    /// <summary><c>GET /api/status</c>: numbers are added up, lists joined, and what differs is the first one's.</summary>
    public async Task GetStatusAsync(HttpContext context)
    {
        if (await AskAllAsync(context) is not { } answers) return;
        await Results.Json(answers.Aggregate(AddUp)).ExecuteAsync(context);
    }

    private async Task MergeAsync(HttpContext context, string key)
    {
        if (await AskAllAsync(context) is not { } answers) return;
        var limit = int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var asked) ? asked : 100;
        var items = answers.SelectMany(answer => answer["items"]!.AsArray()).Select(item => item!.DeepClone()).ToList();
        // Of a stream that several share, the report of who records it.
        if (key == "id") items = [.. items.GroupBy(item => (string?)item[key]).Select(same => same.OrderBy(item => (string?)item["state"] == "standby").First())];
        var ordered = items.OrderBy(item => (string?)item[key], StringComparer.Ordinal).ToList();
        var page = ordered.Take(limit).ToList();
        var more = ordered.Count > page.Count || answers.Any(answer => answer["next"] is not null);
        var body = new JsonObject { ["items"] = new JsonArray([.. page]), ["next"] = more && page.Count > 0 ? (string?)page[^1][key] : null };
        if (answers.All(answer => answer["total"] is not null)) body["total"] = answers.Sum(answer => (long)answer["total"]!);
        await Results.Json(body).ExecuteAsync(context);
    }

    // Null where the answer was given already.
    private async Task<IReadOnlyList<JsonNode>?> AskAllAsync(HttpContext context)
    {
        if (directory.Known is not { Count: > 1 } all)
        {
            await forwarder.ForwardAsync(context);
            return null;
        }
        try
        {
            return await Task.WhenAll(all.Select(recorder => client.GetAsync<JsonNode>(recorder, context.Request.Path + context.Request.QueryString, context.RequestAborted)));
        }
        catch (RecorderException refused)
        {
            await Results.Problem(refused.Message, statusCode: refused.Status, extensions: refused.Errors.Count > 0 ? new Dictionary<string, object?> { ["errors"] = refused.Errors } : null)
                .ExecuteAsync(context);
        }
        catch (HttpRequestException away)
        {
            await Results.Problem($"A stream-handle did not answer, so the list would not be whole: {away.Message}", statusCode: StatusCodes.Status502BadGateway, title: "stream-handle is away")
                .ExecuteAsync(context);
        }
        return null;
    }

    private static JsonNode AddUp(JsonNode one, JsonNode other) => Sum(one, other)!;

    private static JsonNode? Sum(JsonNode? one, JsonNode? other) => (one, other) switch
    {
        (JsonArray first, JsonArray second) => new JsonArray([.. first.Concat(second).Select(item => item?.DeepClone())]),
        (JsonObject first, JsonObject second) => new JsonObject(first.Select(pair => KeyValuePair.Create(pair.Key, Sum(pair.Value, second[pair.Key])))),
        (JsonValue first, JsonValue second) when first.TryGetValue<long>(out var a) && second.TryGetValue<long>(out var b) => a + b,
        (JsonValue first, JsonValue second) when first.TryGetValue<bool>(out var a) && second.TryGetValue<bool>(out var b) => a && b,
        _ => (one ?? other)?.DeepClone(),
    };
}
