using System.Globalization;
using System.Text.Json.Serialization;

namespace Crispy.AppHost;

/// <summary>What stream-handle's <c>/api/status</c> tells, as far as a run needs it.</summary>
public sealed record RunStatus(DateTimeOffset StartedAt, bool Ended, IReadOnlyList<RunStatus.Stream> Streams)
{
    /// <summary>What keeps chunks from being published; null when nothing does.</summary>
    public string? Broker { get; init; }

    /// <summary>One stream.</summary>
    public sealed record Stream(string Id, string Kind, string State, string? Error, Counts Captured, long Spooled, long Dead, long Lost)
    {
        /// <summary>Its address without secrets; null where it is not told.</summary>
        public string? Url { get; init; }

        /// <summary>The present epoch; null before the first chunk.</summary>
        public string? Epoch { get; init; }

        /// <summary>Frames a second of the last chunk.</summary>
        public double? Fps { get; init; }

        /// <summary>Bits a second of the last chunk.</summary>
        public double? Bitrate { get; init; }

        /// <summary>The last chunk.</summary>
        public Last? LastChunk { get; init; }

        /// <summary>Chunks that are stored. What waits is counted on the disk a moment later than what was captured: for that moment it can
        /// be more.</summary>
        [JsonIgnore]
        public long Stored => Math.Max(0, Captured.Chunks - Spooled - Dead - Lost);

        /// <summary>Whether somebody should look at it.</summary>
        [JsonIgnore]
        public bool IsInTrouble => State is "failed" or "backoff";

        /// <summary>Whether it will capture nothing more.</summary>
        [JsonIgnore]
        public bool IsOver => State is "ended" or "failed";
    }

    /// <summary>What this run took responsibility for.</summary>
    public sealed record Counts(long Chunks, long Frames, long Bytes);

    /// <summary>A chunk's place in time.</summary>
    public sealed record Last(DateTimeOffset From, DateTimeOffset To);
}

/// <summary>The sums of a run, in the order of its closing line.</summary>
public sealed record RunTotals(long Chunks, long Stored, long Logged, long Lost, long Dead, long Frames, long Bytes, double Seconds)
{
    /// <summary>Adds up a status.</summary>
    public static RunTotals Of(RunStatus status, int logged, TimeSpan elapsed)
    {
        var chunks = status.Streams.Sum(stream => stream.Captured.Chunks);
        var (lost, dead) = (status.Streams.Sum(stream => stream.Lost), status.Streams.Sum(stream => stream.Dead));
        return new(chunks, Math.Max(0, chunks - status.Streams.Sum(stream => stream.Spooled) - lost - dead), logged, lost, dead,
            status.Streams.Sum(stream => stream.Captured.Frames),
            status.Streams.Sum(stream => stream.Captured.Bytes), elapsed.TotalSeconds);
    }

    /// <summary>Whether every chunk is stored and logged.</summary>
    [JsonIgnore]
    public bool IsComplete => Stored == Chunks && Logged >= Chunks && Lost == 0 && Dead == 0;

    /// <inheritdoc />
    public override string ToString()
    {
        var fps = Seconds > 0 ? Frames / Seconds : 0;
        return string.Create(CultureInfo.InvariantCulture,
            $"chunks={Chunks} stored={Stored} logged={Logged} lost={Lost} dead={Dead} "
                + $"frames={Frames} bytes={Bytes} seconds={Seconds:0.00} fps={fps:0}");
    }
}
