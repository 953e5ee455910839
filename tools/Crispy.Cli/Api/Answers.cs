using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.Cli.Api;

/// <summary>A stream, as far as people are told of it.</summary>
internal sealed record StreamAnswer(
    string Id, string Url, string Kind, string State, string? Error, string? Epoch, long Spooled, long Dead, long Lost, LawAnswer? Law, ClockAnswer? Clock, IReadOnlyList<GapAnswer>? Gaps, LastChunkAnswer? LastChunk,
    string? Name, string? Origin, bool Enabled, long Version, double? Fps, double? Bitrate, JsonObject? Definition)
{
    /// <summary>Whether somebody should look at it.</summary>
    public bool IsInTrouble => State is "failed" or "backoff" || Dead > 0;
}

/// <summary>The conservation law.</summary>
internal sealed record LawAnswer(long Captured, long Stored, long Spooled, long Dead, long Lost);

/// <summary>Where times come from.</summary>
internal sealed record ClockAnswer(string Source, double? UncertaintyMs);

/// <summary>Time without video.</summary>
internal sealed record GapAnswer(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>The newest chunk.</summary>
internal sealed record LastChunkAnswer(string Id, DateTimeOffset From, DateTimeOffset To);

/// <summary>Everything at once.</summary>
internal sealed record StatusAnswer(DateTimeOffset StartedAt, long Spooled, long Dead, long Lost, LawAnswer? Law, long SpoolBytes, string? Broker, IReadOnlyList<StreamAnswer> Streams, IReadOnlyList<AwayAnswer>? Away = null)
{
    /// <summary>Whether somebody should look.</summary>
    public bool IsInTrouble => Broker is not null || Away is { Count: > 0 } || Streams.Any(stream => stream.IsInTrouble);
}

/// <summary>A stream-handle that did not answer the console.</summary>
internal sealed record AwayAnswer(string Address, string Error)
{
    /// <summary>In a sentence.</summary>
    public string Text => $"stream-handle at {Address} is away, what it has is not shown: {Error}";
}

/// <summary>What trying an address showed.</summary>
internal sealed record ProbeAnswer(bool Ok, string? Error, string? Kind, ProbeVideo? Video, ProbeAudio? Audio, double? FirstKeyframeSeconds,
    string? Picture, string? Advice = null);

/// <summary>An address' video.</summary>
internal sealed record ProbeVideo(string Codec, int? Width, int? Height, double? Fps, double? GopSeconds, string? PixelFormat);

/// <summary>An address' audio.</summary>
internal sealed record ProbeAudio(string? Codec, int? SampleRate, int? Channels);

/// <summary>A chunk of the archive.</summary>
internal sealed record ChunkAnswer(
    string Chunk, string Stream, string Epoch, long Sequence, string? Object, DateTimeOffset From, DateTimeOffset To, double? Duration, long? Frames, double? Fps, int? Width, int? Height, string? Codec,
    string? Container, long? Size, string State, string? Reason, string? Signature, IReadOnlyList<string>? Flags);

/// <summary>A piece of a timeline.</summary>
internal sealed record SpanAnswer(DateTimeOffset From, DateTimeOffset To, string Kind, string? Reason, long Chunks);

/// <summary>A timeline.</summary>
internal sealed record TimelineAnswer(IReadOnlyList<SpanAnswer> Spans, double Coverage);

/// <summary>A signed URL.</summary>
internal sealed record UrlAnswer(Uri Url, DateTimeOffset Expires);

/// <summary>A dead chunk.</summary>
internal sealed record DeadAnswer(string Chunk, string Reason, string Error, DateTimeOffset? At, long? Size, long? ManifestSize, DateTimeOffset? From, DateTimeOffset? To, string? Object, bool Replayable, DeadFileAnswer? Probe = null);

/// <summary>The file of a dead chunk, as it lies there now.</summary>
internal sealed record DeadFileAnswer(
    bool Readable, string? Error, string? Container, double? Duration, DeadVideoAnswer? Video, ProbeAudio? Audio, long? Size, long? SizeExpected, bool? Sha256Matches, string Signature);

/// <summary>The video of a dead chunk's file.</summary>
internal sealed record DeadVideoAnswer(string Codec, int Width, int Height, double? Fps, long Frames);

/// <summary>What became of one of several dead chunks.</summary>
internal sealed record ResultAnswer(string Chunk, bool Ok, string? Error);

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
