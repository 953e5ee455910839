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
    /// <summary>A stream's chunks in order; fails unless each entry has its object, and each object exactly one log entry.</summary>
    /// <param name="run">The run.</param>
    /// <param name="stream">The stream; all when null.</param>
    /// <param name="interrupted">Whether the run was stopped in the middle:
    /// objects may then wait for their entry until the next start.</param>
    public static IReadOnlyList<StoredChunk> Chunks(AppHostRun run, string? stream = null, bool interrupted = false)
    {
        var bucket = Bucket(run);
        var entries = Logged(run).Where(entry => !IsLoss((string)entry["labels"]!["object"]!))
            .ToDictionary(entry => (string)entry["labels"]!["object"]!);
        var objects = Directory.EnumerateFiles(bucket, "*", SearchOption.AllDirectories).Where(path => !IsLoss(path))
            .ToDictionary(path => Path.GetRelativePath(bucket, path));
        if (interrupted) Assert.Superset(entries.Keys.ToHashSet(), objects.Keys.ToHashSet());
        else Assert.Equal(objects.Keys.Order(), entries.Keys.Order());
        return [.. objects.Where(pair => entries.ContainsKey(pair.Key))
            .Select(pair => new StoredChunk(pair.Value, Name(pair.Key), entries[pair.Key]))
            .Where(chunk => stream is null || chunk.Name.Stream == stream).OrderBy(chunk => chunk.Name.Sequence)];
    }

    /// <summary>The file to which chunk-logger writes.</summary>
    public static string LogFile(AppHostRun run) => Path.Combine(run.Data, "chunks.jsonl");

    /// <summary>All entries so far; a line that is being written does not count yet.</summary>
    public static IReadOnlyList<JsonNode> Logged(AppHostRun run)
    {
        if (!File.Exists(LogFile(run))) return [];
        using var file = new StreamReader(new FileStream(LogFile(run), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>Sequence numbers of all chunks of a run's only stream. They are those in the bucket, those ready in the spool, and those
    /// told to be lost there.</summary>
    public static IReadOnlyList<long> Sequences(AppHostRun run) =>
        [.. Directory.EnumerateFiles(Bucket(run), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(run.Data, "spool"), "*", SearchOption.AllDirectories)
                .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "ready" && Path.GetExtension(path) is ".json" or ".loss"))
            .Select(path => long.Parse(Path.GetFileNameWithoutExtension(path).Split('-')[1])).Distinct().Order()];

    /// <summary>Log entries of losses.</summary>
    public static IReadOnlyList<JsonNode> Losses(AppHostRun run) =>
        [.. Logged(run).Where(entry => IsLoss((string)entry["labels"]!["object"]!))];

    /// <summary>Fails where what a run stored of a source differs from it in packets, pictures or times without saying so.</summary>
    public static async Task AssertJudgedAsync(AppHostRun run, string stream, string source)
    {
        var stored = Judge.Stored.In(Bucket(run));
        Assert.True(stored.ContainsKey(stream), $"nothing of {stream} is stored, but of {string.Join(' ', stored.Keys)}");
        var verdict = await new Judge.SourceJudge().JudgeAsync(source, stored[stream]);
        Assert.True(verdict.Findings.Count == 0, verdict.ToString());
    }

    private static bool IsLoss(string name) => name.Contains("/_loss/", StringComparison.Ordinal);

    private static string Bucket(AppHostRun run) => Path.Combine(run.Data, "bucket", "crispy-chunks");

    private static ObjectName Name(string text)
    {
        Assert.True(ObjectName.TryParse(text, out var name), $"{text} is not the name of a chunk");
        return name;
    }
}
