using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.StreamHandle.Registering;

/// <summary>Takes many streams at once. All are looked at before one is made, and what is the same already is left alone. Sent once more,
/// the same request finishes what was interrupted.</summary>
public sealed class StreamImport(StreamRegistry registry, StreamEditor editor)
{
    private sealed record Row(JsonObject? Given, ImportItem Item, long? Version);

    /// <summary>Takes them, or says what it would do.</summary>
    /// <param name="items">Definitions.</param>
    /// <param name="isDry">Whether it only says so.</param>
    /// <param name="replaces">Whether those that are there with another definition get the new one.</param>
    /// <param name="onlyGood">Whether the good ones are taken although others are wrong.</param>
    public async Task<ImportReport> RunAsync(IReadOnlyList<JsonNode?> items, bool isDry, bool replaces, bool onlyGood)
    {
        var rows = Look(items, replaces);
        if (isDry || (!onlyGood && rows.Exists(row => row.Item.Outcome == ImportOutcome.Wrong)))
            return new(false, [.. rows.Select(row => row.Item)]);
        var done = new List<ImportItem>(rows.Count);
        foreach (var row in rows) done.Add(await TakeAsync(row));
        return new(true, done);
    }

    private List<Row> Look(IReadOnlyList<JsonNode?> items, bool replaces)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = items.Select(IdOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var shares = registry.Entries.Where(entry => !ids.Contains(entry.Options.Id)).Sum(entry => entry.Options.SpoolShare ?? 0);
        var rows = new List<Row>(items.Count);
        foreach (var item in items)
        {
            var row = Look(item, replaces, seen, rows.Count, ref shares);
            rows.Add(row);
        }
        return rows;
    }

    private Row Look(JsonNode? item, bool replaces, Dictionary<string, int> seen, int index, ref double shares)
    {
        if (item is not JsonObject given) return new(null, ImportItem.Of(null, ImportOutcome.Wrong, "$", "must be a JSON object"), null);
        var id = IdOf(given);
        var entry = id is null ? null : registry.Find(id);
        try
        {
            var options = StreamEditor.Check(given, entry);
            var url = options.Url.Redacted;
            if (!seen.TryAdd(options.Id, index))
                return Wrong(options.Id, "id", $"is given twice: items[{seen[options.Id]}] has it too", url);
            shares += options.SpoolShare ?? 0;
            if (options.SpoolShare is not null && shares > 1.000001)
                return Wrong(options.Id, "spoolShare",
                    FormattableString.Invariant($"makes the sum of all streams {shares}: it must be at most 1"), url);
            if (entry is null) return new(given, Right(options.Id, ImportOutcome.Added, url), null);
            if (options.IsSame(entry.Options)) return new(given, Right(options.Id, ImportOutcome.Unchanged, url), null);
            if (entry.IsConfigured)
                return Wrong(options.Id, "id",
                    $"is that of another stream, of the configuration ({entry.Options.ConfiguredAt}), and only there it can be changed",
                    url);
            return replaces ? new(given, Right(options.Id, ImportOutcome.Replaced, url), entry.Version)
                : Wrong(options.Id, "id", "is that of a stream with another definition, which stays unless replace is asked for", url);
        }
        catch (RefusalException wrong)
        {
            return new(null, new(id, ImportOutcome.Wrong, null, wrong.Errors), null);
        }
    }

    private async Task<ImportItem> TakeAsync(Row row)
    {
        try
        {
            if (row.Item.Outcome == ImportOutcome.Added) await editor.CreateAsync(row.Given!);
            if (row.Item.Outcome == ImportOutcome.Replaced) await editor.ChangeAsync(row.Item.Id!, row.Given!, false, row.Version);
            return row.Item;
        }
        catch (RefusalException meanwhile)
        {
            return ImportItem.Of(row.Item.Id, ImportOutcome.Failed, "$",
                $"was changed by somebody else meanwhile: {meanwhile.Message}", row.Item.Url);
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return ImportItem.Of(row.Item.Id, ImportOutcome.Failed, "$", $"was not written: {full.Message}", row.Item.Url);
        }
    }

    private static Row Wrong(string id, string field, string message, string url) =>
        new(null, ImportItem.Of(id, ImportOutcome.Wrong, field, message, url), null);

    private static ImportItem Right(string id, ImportOutcome outcome, string url) =>
        new(id, outcome, url, new Dictionary<string, string[]>());

    // Only a real id is repeated: anything may stand in its place, a password too.
    private static string? IdOf(JsonNode? item) => item is JsonObject given
        && given.FirstOrDefault(field => field.Key.Equals("id", StringComparison.OrdinalIgnoreCase)).Value is JsonValue value
        && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var id && Contracts.StreamId.IsValid(id) ? id : null;
}
