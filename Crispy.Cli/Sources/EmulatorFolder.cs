using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Crispy.Cli.Sources;

/// <summary>The data folder of the local bucket emulator, whether it runs or not: the objects as files,
/// and all the rest of them in <c>meta/ledger.db</c>.</summary>
internal sealed class EmulatorFolder(string path) : Source
{
    private string Ledger => Path.Combine(path, "meta", "ledger.db");

    public static bool IsOne(string path) => File.Exists(Path.Combine(path, "meta", "ledger.db"));

    public override async IAsyncEnumerable<Item> ItemsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT bucket, name, path, attributes FROM objects ORDER BY bucket, name";
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var file = Path.Combine(path, "bucket", rows.GetString(0), rows.GetString(2));
            if (!File.Exists(file)) continue; // Deleted behind the emulator's back: it is missing.
            using var attributes = JsonDocument.Parse(rows.GetString(3));
            if (Item.OfObject(file, rows.GetString(1), Metadata(attributes.RootElement)) is { } item)
                yield return item with { IsHeld = IsSet(attributes, "temporaryHold") || IsSet(attributes, "eventBasedHold"),
                    CopyToAsync = (destination, token) => Item.CopyFileAsync(file, destination, token) };
        }
    }

    public override async Task<JsonArray?> RulesAsync(CancellationToken cancellation)
    {
        await using var connection = Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT settings FROM buckets ORDER BY name";
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var rules = new JsonArray();
        while (await rows.ReadAsync(cancellation))
            foreach (var rule in JsonNode.Parse(rows.GetString(0))?["lifecycle"]?["rule"] as JsonArray ?? []) rules.Add(rule?.DeepClone());
        return rules;
    }

    private SqliteConnection Open()
    {
        try
        {
            var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = Ledger, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            return connection;
        }
        catch (SqliteException unreadable)
        {
            throw new SourceException($"{Ledger}: {unreadable.Message}", unreadable);
        }
    }

    private static Dictionary<string, string>? Metadata(JsonElement attributes) =>
        attributes.TryGetProperty("metadata", out var metadata) ? metadata.Deserialize<Dictionary<string, string>>() : null;

    private static bool IsSet(JsonDocument attributes, string name) =>
        attributes.RootElement.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
