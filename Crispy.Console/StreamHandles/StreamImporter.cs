using System.Text.Json.Nodes;

namespace Crispy.Console.StreamHandles;

/// <summary>Makes many streams, over all stream-handles: each is looked at by the one that records it, or would. Nothing is done before all
/// of them have looked.</summary>
public sealed class StreamImporter(KnownStreams streams, StreamHandleDirectory directory, StreamHandleClient client)
{
    // So many are made while one answer is waited for.
    private const int AtOnce = 100;

    /// <summary>Makes them, or says what would be done.</summary>
    /// <param name="items">Their definitions.</param>
    /// <param name="isDry">Whether it is only said.</param>
    /// <param name="replaces">Whether those that are there with another definition get the new one.</param>
    /// <param name="onlyGood">Whether the good ones are made although others are wrong.</param>
    /// <param name="stop">Ends it before the next hundred.</param>
    /// <exception cref="RefusedException">A stream-handle refused the request as such.</exception>
    /// <exception cref="HttpRequestException">No stream-handle is known.</exception>
    public async Task<ImportReport> RunAsync(IReadOnlyList<JsonNode?> items, bool isDry, bool replaces,
        bool onlyGood, CancellationToken stop)
    {
        var results = new ImportItem[items.Count];
        var parts = Spread(items);
        foreach (var (streamHandle, part) in parts) await SendAsync(streamHandle, part, new(true, replaces, true));
        if (isDry || (!onlyGood && results.Any(result => result.Outcome is ImportOutcome.Wrong or ImportOutcome.Failed)))
            return new(false, results);
        foreach (var (streamHandle, part) in parts)
            foreach (var some in part.Where(index => results[index].Outcome is ImportOutcome.Added or ImportOutcome.Replaced).Chunk(AtOnce))
                await SendAsync(streamHandle, some, new(false, replaces, true));
        return new(true, results);

        async Task SendAsync(Uri streamHandle, IReadOnlyList<int> some, Choice choice)
        {
            var said = await AskAsync(streamHandle, [.. some.Select(index => items[index])], choice, stop);
            foreach (var (index, item) in some.Zip(said)) results[index] = item;
        }
    }

    private sealed record Choice(bool DryRun, bool Replace, bool OnlyGood);

    private async Task<IReadOnlyList<ImportItem>> AskAsync(Uri streamHandle, IReadOnlyList<JsonNode?> some,
        Choice choice, CancellationToken stop)
    {
        var body = new JsonObject
        {
            ["items"] = new JsonArray([.. some.Select(item => item?.DeepClone())]),
            ["dryRun"] = choice.DryRun, ["replace"] = choice.Replace, ["onlyGood"] = choice.OnlyGood,
        };
        try
        {
            var answer = await client.SendAsync(streamHandle, HttpMethod.Post, "/api/streams/import", body, stop: stop);
            var report = System.Text.Json.JsonSerializer.Deserialize<ImportReport>(answer, ApiJson.Options);
            if (report?.Items.Count == some.Count) return report.Items;
            throw new RefusedException(StatusCodes.Status502BadGateway,
                "stream-handle answered with something else than this version knows");
        }
        catch (RefusedException refused) when (!choice.DryRun)
        {
            // Others may be done already: each is told by itself.
            return [.. some.Select(item => ImportItem.Of(IdOf(item), ImportOutcome.Failed, "$", refused.Message))];
        }
        catch (Exception away) when (StreamHandleClient.IsNoAnswer(away, stop))
        {
            var message =
                $"stream-handle at {StreamHandleClient.Redacted(streamHandle)} did not answer: {StreamHandleClient.Reason(away)}. Sent "
                    + $"once more, it does what was not done";
            return [.. some.Select(item => ImportItem.Of(IdOf(item), ImportOutcome.Failed, "$", message))];
        }
    }

    // One that is there belongs to who records it; new ones go to who has the fewest, the same id twice to the same.
    private Dictionary<Uri, List<int>> Spread(IReadOnlyList<JsonNode?> items)
    {
        var answering = streams.Answering(directory.Known).ToList();
        if (answering.Count == 0) answering = [.. directory.Known.Take(1)];
        if (answering.Count == 0) throw new HttpRequestException("no stream-handle is known: see Crispy:Console:StreamHandle");
        var loads = streams.All.CountBy(stream => stream.StreamHandle).ToDictionary();
        var chosen = new Dictionary<string, Uri>(StringComparer.Ordinal);
        var parts = new Dictionary<Uri, List<int>>();
        for (var index = 0; index < items.Count; index++)
        {
            var id = IdOf(items[index]);
            var owner = id is null ? null : chosen.GetValueOrDefault(id) ?? streams.Find(id)?.StreamHandle;
            if (owner is null)
            {
                owner = answering.MinBy(streamHandle => loads.GetValueOrDefault(streamHandle))!;
                loads[owner] = loads.GetValueOrDefault(owner) + 1;
            }
            if (id is not null) chosen[id] = owner;
            if (!parts.TryGetValue(owner, out var part)) parts[owner] = part = [];
            part.Add(index);
        }
        return parts;
    }

    private static string? IdOf(JsonNode? item) =>
        item is JsonObject given && given["id"] is JsonValue value && value.TryGetValue<string>(out var id)
        && Contracts.StreamId.IsValid(id) ? id : null;
}
