using System.Text.Json.Serialization;

namespace Crispy.AppHost;

/// <summary>What stream-handle's <c>/api/status</c> tells, as far as a run needs it.</summary>
public sealed record RunStatus(DateTimeOffset StartedAt, bool Ended, IReadOnlyList<RunStatus.Stream> Streams)
{
    /// <summary>One stream.</summary>
    public sealed record Stream(string Id, string Kind, string State, string? Error, Counts Captured, long Spooled, long Dead, long Lost)
    {
        /// <summary>Whether it will capture nothing more.</summary>
        [JsonIgnore]
        public bool IsOver => State is "ended" or "failed";
    }

    /// <summary>What this run took responsibility for.</summary>
    public sealed record Counts(long Chunks, long Frames, long Bytes);
}

/// <summary>The sums of a run, in the order of its closing line.</summary>
public sealed record RunTotals(long Chunks, long Stored, long Logged, long Lost, long Dead, long Frames, long Bytes, double Seconds)
{
    /// <summary>Adds up a status.</summary>
    public static RunTotals Of(RunStatus status, int logged, TimeSpan elapsed)
    {
        var chunks = status.Streams.Sum(stream => stream.Captured.Chunks);
        var (lost, dead) = (status.Streams.Sum(stream => stream.Lost), status.Streams.Sum(stream => stream.Dead));
        return new(chunks, chunks - status.Streams.Sum(stream => stream.Spooled) - lost - dead, logged, lost, dead,
            status.Streams.Sum(stream => stream.Captured.Frames), status.Streams.Sum(stream => stream.Captured.Bytes), elapsed.TotalSeconds);
    }

    /// <summary>Whether every chunk is stored and logged.</summary>
    [JsonIgnore]
    public bool IsComplete => Stored == Chunks && Logged >= Chunks && Lost == 0 && Dead == 0;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"chunks={Chunks} stored={Stored} logged={Logged} lost={Lost} dead={Dead} frames={Frames} bytes={Bytes} seconds={Seconds:0.00} fps={(Seconds > 0 ? Frames / Seconds : 0):0}");
}
