using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.Cli.Sources;

/// <summary>The entries of chunk-logger, one JSON object a line: each chunk that it saw stored and verified must still be there.</summary>
internal static class LoggedChunks
{
    /// <summary>Reads the ids of verified chunks; lines that are something else are passed over.</summary>
    /// <exception cref="SourceException">The file cannot be read.</exception>
    public static IReadOnlyList<ChunkId> Read(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(Chunk).OfType<ChunkId>().Distinct()];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{file}: {unreadable.Message}", unreadable);
        }
    }

    private static ChunkId? Chunk(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("signature", out var signature) && signature.ValueEquals("verified")
                && root.TryGetProperty("chunk", out var chunk) && ChunkId.TryParse(chunk.GetString(), out var id)
                ? id
                : null;
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
