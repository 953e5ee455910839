using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Crispy.Judge;

/// <summary>A chunk and its manifest, read as plain JSON.</summary>
/// <param name="Path">The chunk's file.</param>
/// <param name="Manifest">Its manifest.</param>
public sealed record StoredChunk(string Path, JsonObject Manifest);

/// <summary>What a recorder left of one stream.</summary>
/// <param name="Chunks">In the order of their sequence numbers.</param>
public sealed record Stored(IReadOnlyList<StoredChunk> Chunks)
{
    /// <summary>Loss records, as plain JSON.</summary>
    public IReadOnlyList<JsonObject> Losses { get; init; } = [];

    /// <summary>Whether the recorder said that the recording failed: an error of the stream, or another exit code than 0.</summary>
    public bool Failed { get; init; }

    /// <summary>What the recorder gave as the reason; null where it gave none.</summary>
    public string? Error { get; init; }

    /// <summary>One stream of a spool: what is ready there.</summary>
    /// <param name="spool">The spool's folder.</param>
    /// <param name="stream">The stream's id.</param>
    public static Stored InSpool(string spool, string stream)
    {
        var ready = System.IO.Path.Combine(spool, stream, "ready");
        if (!Directory.Exists(ready)) return new([]);
        // The manifest is the file's first line, its signature the second.
        var chunks = Directory.EnumerateFiles(ready, "*.json").Select(path => (Path: path, Manifest: Read(File.ReadLines(path).First())))
            .Select(each => new StoredChunk(System.IO.Path.ChangeExtension(each.Path, (string)each.Manifest["container"]!), each.Manifest));
        return new(InOrder(chunks)) { Losses =
            [.. Directory.EnumerateFiles(ready, "*.loss").Order(StringComparer.Ordinal).Select(path => Read(File.ReadAllText(path)))] };
    }

    /// <summary>All streams of a spool, of a downloaded bucket (with the listing <c>objects.json</c>) or of
    /// the local emulator's data folder, by their ids.</summary>
    /// <exception cref="FormatException">The folder is none of these.</exception>
    public static IReadOnlyDictionary<string, Stored> In(string folder)
    {
        var listing = System.IO.Path.Combine(folder, "objects.json");
        if (File.Exists(listing))
            return ByStream(folder, Read(File.ReadAllText(listing))["items"]!.AsArray()
                .Select(item => ((string)item!["name"]!, item!["metadata"] as JsonObject)));
        if (Ledger(folder) is { } ledger) return ByStream(ledger.Objects, Objects(ledger.Path, System.IO.Path.GetFileName(ledger.Objects)));
        var streams = Directory.EnumerateDirectories(folder).Where(path => Directory.Exists(System.IO.Path.Combine(path, "ready")))
            .Select(path => System.IO.Path.GetFileName(path)).ToList();
        return streams.Count > 0 ? streams.ToDictionary(stream => stream, stream => InSpool(folder, stream))
            : throw new FormatException(
                $"{folder} is neither a spool nor a bucket: it holds no <stream>/ready, no objects.json and no meta/ledger.db");
    }

    private static (string Path, string Objects)? Ledger(string folder)
    {
        foreach (var data in (string?[])[folder, System.IO.Path.GetDirectoryName(folder),
            System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(folder))])
        {
            if (data is null || System.IO.Path.Combine(data, "meta", "ledger.db") is var path && !File.Exists(path)) continue;
            var buckets = System.IO.Path.Combine(data, "bucket");
            var objects = System.IO.Path.GetFullPath(folder).StartsWith(buckets + "/", StringComparison.Ordinal)
                ? folder
                : Directory.EnumerateDirectories(buckets).First();
            return (path, objects);
        }
        return null;
    }

    private static List<(string, JsonObject?)> Objects(string ledger, string bucket)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = ledger, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, attributes FROM objects WHERE bucket = $bucket";
        command.Parameters.AddWithValue("$bucket", bucket);
        using var reader = command.ExecuteReader();
        var objects = new List<(string, JsonObject?)>();
        while (reader.Read()) objects.Add((reader.GetString(0), Metadata(Read(reader.GetString(1)))));
        return objects;
    }

    private static JsonObject? Metadata(JsonObject attributes) =>
        attributes.FirstOrDefault(pair => pair.Key.Equals("metadata", StringComparison.OrdinalIgnoreCase)).Value as JsonObject;

    private static Dictionary<string, Stored> ByStream(string folder, IEnumerable<(string Name, JsonObject? Metadata)> objects)
    {
        var chunks = new List<StoredChunk>();
        var losses = new List<JsonObject>();
        foreach (var (name, metadata) in objects)
        {
            if ((string?)metadata?["crispy-manifest"] is { } manifest)
                chunks.Add(new(System.IO.Path.Combine(folder, name), Read(Base64Url(manifest))));
            else if ((string?)metadata?["crispy-record"] is { } record) losses.Add(Read(Base64Url(record)));
        }
        return chunks.Select(chunk => chunk.Manifest).Concat(losses).Select(json => (string)json["stream"]!).Distinct()
            .ToDictionary(stream => stream,
                stream => new Stored(InOrder(chunks.Where(chunk => (string)chunk.Manifest["stream"]! == stream)))
            {
                Losses = [.. losses.Where(loss => (string)loss["stream"]! == stream)],
            });
    }

    private static IReadOnlyList<StoredChunk> InOrder(IEnumerable<StoredChunk> chunks) =>
        [.. chunks.OrderBy(chunk => (long)chunk.Manifest["sequence"]!)];

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonObject Read(byte[] json) => JsonSerializer.Deserialize<JsonObject>(json)!;

    private static byte[] Base64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
