using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>An object in the bucket with its log entry.</summary>
/// <param name="Path">The object's file.</param>
/// <param name="Name">Its name, read.</param>
/// <param name="Entry">Its one log entry.</param>
public sealed record StoredChunk(string Path, ObjectName Name, JsonNode Entry)
{
    /// <summary>Seconds, as the entry says.</summary>
    public decimal Seconds => (decimal)Entry["duration"]!["seconds"]!;

    /// <summary>UTC time of the first frame, as the entry says.</summary>
    public DateTimeOffset From => (DateTimeOffset)Entry["duration"]!["from"]!;

    /// <summary>UTC time at which the last frame ends, as the entry says.</summary>
    public DateTimeOffset To => (DateTimeOffset)Entry["duration"]!["to"]!;
}

/// <summary>What a run left in the bucket and in the log.</summary>
public static class Stored
{
    /// <summary>A stream's chunks in order; fails unless each has exactly one log entry, and each entry its object.</summary>
    public static IReadOnlyList<StoredChunk> Chunks(AppHostRun run, string? stream = null)
    {
        var bucket = Path.Combine(run.Data, "bucket", "crispy-chunks");
        var entries = File.ReadAllLines(Path.Combine(run.Data, "chunks.jsonl")).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(entry => (string)entry["labels"]!["object"]!);
        var objects = Directory.EnumerateFiles(bucket, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(bucket, path));
        Assert.Equal(objects.Keys.Order(), entries.Keys.Order());
        return [.. objects.Select(pair => new StoredChunk(pair.Value, Name(pair.Key), entries[pair.Key]))
            .Where(chunk => stream is null || chunk.Name.Stream == stream).OrderBy(chunk => chunk.Name.Sequence)];
    }

    /// <summary>All packets of one kind (<c>v:0</c>, <c>a:0</c>) of all chunks, in order.</summary>
    public static async Task<IReadOnlyList<FfprobePacket>> PacketsAsync(IEnumerable<StoredChunk> chunks, string kind)
    {
        List<FfprobePacket> packets = [];
        foreach (var chunk in chunks) packets.AddRange(await Ffprobe.PacketsAsync(chunk.Path, kind));
        return packets;
    }

    private static ObjectName Name(string text)
    {
        Assert.True(ObjectName.TryParse(text, out var name), $"{text} is not the name of a chunk");
        return name;
    }
}
