using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.Exporting;

namespace Crispy.Cli.Api;

/// <summary>A chunk of the archive.</summary>
internal sealed record ChunkAnswer(
    string Chunk, string Stream, string Epoch, long Sequence, string? Object, DateTimeOffset From, DateTimeOffset To, double? Duration,
    long? Frames, double? Fps, int? Width, int? Height, string? Codec,
    string? Container, long? Size, string State, string? Reason, string? Signature, IReadOnlyList<string>? Flags,
    int? Rotation = null, string? Sar = null)
{
    /// <summary>As it is exported.</summary>
    public ExportChunk ToExport() => new(Chunk, From, To, State, Reason)
    {
        Duration = TimeSpan.FromSeconds(Duration ?? 0), Frames = Frames ?? 0, Size = Size ?? 0, Rotation = Rotation ?? 0, Sar = Sar,
    };
}

/// <summary>A piece of a timeline.</summary>
internal sealed record SpanAnswer(DateTimeOffset From, DateTimeOffset To, string Kind, string? Reason, long Chunks);

/// <summary>A timeline.</summary>
internal sealed record TimelineAnswer(IReadOnlyList<SpanAnswer> Spans, double Coverage);

/// <summary>A signed URL.</summary>
internal sealed record UrlAnswer(Uri Url, DateTimeOffset Expires);

/// <summary>Reads answers.</summary>
internal static class AnswerReading
{
    /// <summary>An answer as what it should be.</summary>
    /// <exception cref="RefusedException">It is something else.</exception>
    public static T As<T>(this JsonNode answer)
    {
        try
        {
            return answer.Deserialize<T>(JsonSerializerOptions.Web) ?? throw new JsonException("null");
        }
        catch (JsonException other)
        {
            throw new RefusedException(200, $"the API answered with something else than this version of crispy knows: {other.Message}");
        }
    }
}
