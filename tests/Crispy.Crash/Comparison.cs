using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Crispy.Contracts;

namespace Crispy.Crash;

/// <summary>Compares what a system stored of a file with the file. Every packet must be there once and in order, every link of the chain,
/// every signature, and one log line a chunk.</summary>
public static partial class Comparison
{
    /// <summary>Hashes of all packets of a track (<c>v:0</c>, <c>a:0</c>), in order.</summary>
    public static async Task<IReadOnlyList<string>> PacketsAsync(string path, string track, params string[] input) =>
        [.. Hash().Matches(
            await Command.RunAsync("ffprobe", ["-v", "error", .. input, "-select_streams", track, "-show_packets", "-show_data_hash", "md5",
            "-show_entries", "packet=data_hash", "-of", "csv=p=0", "-i", path])).Select(match => match.Value)];

    /// <summary>Everything that is wrong with a stream's objects; empty when nothing is.</summary>
    /// <param name="system">A system that is at rest.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="packets">The source's packets, by track.</param>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(WholeSystem system, string stream,
        IReadOnlyDictionary<string, IReadOnlyList<string>> packets)
    {
        var differences = new List<string>();
        var chunks = new List<ChunkManifest>();
        string? previous = null;
        foreach (var (item, bytes, manifest) in (await system.ObjectsAsync(stream)).Select(Read).OrderBy(each => each.Manifest.Sequence))
        {
            if (manifest.Sequence != chunks.Count)
                differences.Add($"{stream}: object {chunks.Count} has sequence number {manifest.Sequence}");
            if (manifest.Previous != previous) differences.Add($"{manifest.Chunk}: the chain is broken");
            if (system.Verifier.Check(bytes, (string?)item["metadata"]![ChunkMetadata.Signature]) != SignatureState.Verified)
                differences.Add($"{manifest.Chunk}: the signature does not fit");
            if ((string?)item["crc32c"] != manifest.Crc32c) differences.Add($"{manifest.Chunk}: the checksum does not fit");
            if ((string?)item["name"] != manifest.Object) differences.Add($"{manifest.Chunk}: is stored as {item["name"]}");
            previous = Convert.ToHexStringLower(SHA256.HashData(bytes));
            chunks.Add(manifest);
        }
        differences.AddRange(LogDifferences(system, stream, chunks));
        differences.AddRange(await PacketDifferencesAsync(system, stream, chunks, packets));
        return differences;
    }

    private static (JsonNode Item, byte[] Bytes, ChunkManifest Manifest) Read(JsonNode item)
    {
        var metadata = item["metadata"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!);
        var bytes = ChunkMetadata.ManifestBytes(metadata)!;
        return (item, bytes, ManifestJson.Read(bytes));
    }

    private static IEnumerable<string> LogDifferences(WholeSystem system, string stream, List<ChunkManifest> chunks)
    {
        var lines = system.LogLines().Select(line => JsonNode.Parse(line)!)
            .Where(entry => ((string?)entry["chunk"])?.StartsWith($"{stream}/", StringComparison.Ordinal) == true)
            .ToLookup(entry => (string)entry["chunk"]!);
        foreach (var chunk in chunks.Where(chunk => lines[chunk.Chunk].Count() != 1))
            yield return $"{chunk.Chunk}: {lines[chunk.Chunk].Count()} log lines";
        foreach (var entry in lines.SelectMany(each => each).Where(entry => (string?)entry["signature"] != "verified"))
            yield return $"{entry["chunk"]}: logged as {entry["signature"]}";
        foreach (var extra in lines.Select(each => each.Key).Except(chunks.Select(chunk => chunk.Chunk)))
            yield return $"{extra}: logged, but not in the bucket";
    }

    // One ffprobe over all objects; auto_convert would rewrite the packets.
    private static async Task<IEnumerable<string>> PacketDifferencesAsync(
        WholeSystem system, string stream, List<ChunkManifest> chunks, IReadOnlyDictionary<string, IReadOnlyList<string>> packets)
    {
        var differences = new List<string>();
        using var folder = new TempFolder();
        await File.WriteAllLinesAsync(folder["list"], chunks.Select(chunk => $"file '{Path.Combine(system.BucketFolder, chunk.Object)}'"));
        foreach (var (track, expected) in packets)
        {
            var found = chunks.Count == 0
                ? []
                : await PacketsAsync(folder["list"], track, "-f", "concat", "-safe", "0", "-auto_convert", "0");
            if (found.SequenceEqual(expected)) continue;
            var first = found.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            differences.Add($"{stream}: {found.Count} packets of {track} instead of {expected.Count}, the same up to number {first}; "
                + $"{expected.Except(found).Count()} are missing, {found.Count - found.Distinct().Count()} are there again");
        }
        return differences;
    }

    // ffprobe mixes in what is attached to packets.
    [GeneratedRegex("MD5:[0-9a-f]{32}")]
    private static partial Regex Hash();
}
