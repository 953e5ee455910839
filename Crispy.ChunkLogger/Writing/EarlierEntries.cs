using System.Text.Json;
using Crispy.ChunkLogger.Events;

namespace Crispy.ChunkLogger.Writing;

/// <summary>Reads back which generations an earlier run logged,
/// so that an event that comes again after a restart gives no second line.</summary>
internal static class EarlierEntries
{
    /// <summary>Most bytes that are read, from the end of the file: some tens of thousands of entries.</summary>
    public const int MostBytes = 64 * 1024 * 1024;

    /// <returns>The identities in the order of the file; a line that was cut off or is not ours is passed over.</returns>
    public static IEnumerable<string> Read(string file, int mostBytes = MostBytes)
    {
        if (!File.Exists(file)) yield break;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var cut = stream.Length > mostBytes;
        if (cut) stream.Seek(-mostBytes, SeekOrigin.End);
        using var lines = new StreamReader(stream);
        if (cut) lines.ReadLine();
        while (lines.ReadLine() is { } line)
        {
            if (Identity(line) is { } identity) yield return identity;
        }
    }

    private static string? Identity(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            var labels = entry.RootElement.GetProperty("labels");
            return labels.GetProperty("bucket").GetString() is { } bucket && labels.GetProperty("object").GetString() is { } name
                && long.TryParse(labels.GetProperty("generation").GetString(), out var generation)
                ? ObjectHint.Identify(bucket, name, generation)
                : null;
        }
        catch (Exception notOurs) when (notOurs is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
