using Crispy.Contracts;

namespace Crispy.StreamHandle.Supervising;

/// <summary>What to do about a stream.</summary>
public enum StreamDuty
{
    /// <summary>Record it.</summary>
    Record,

    /// <summary>Keep it as it is: what lies in its spool is published, and what was left open waits.</summary>
    Pause,

    /// <summary>Close what was left open, and publish what lies in its spool.</summary>
    Settle,
}

/// <summary>What is known of a stream now; a snapshot.</summary>
public sealed record StreamStatus
{
    /// <summary>Where it stands.</summary>
    public StreamState State { get; init; }

    /// <summary>Whether its source has an end.</summary>
    public bool IsFinite { get; init; }

    /// <summary>Why it is not running; null while it is. Holds no secret.</summary>
    public string? Error { get; init; }

    /// <summary>The present epoch; null before the first chunk.</summary>
    public string? Epoch { get; init; }

    /// <summary>Chunks found in the spool at start and captured since.</summary>
    public Captured Captured { get; init; }

    /// <summary>Closed segments that are not yet chunks.</summary>
    public int Pending { get; init; }

    /// <summary>Whether its ffmpeg stands still until the spool has room.</summary>
    public bool Paused { get; init; }

    /// <summary>The last chunk.</summary>
    public LastChunk? LastChunk { get; init; }

    /// <summary>How often the source's data was missing or corrupt, since this process started.</summary>
    public long Damages { get; init; }

    /// <summary>Lines of ffmpeg's that nothing here knows, since this process started.</summary>
    public long Complaints { get; init; }

    /// <summary>The last of them; null without any. Holds no secret.</summary>
    public string? LastComplaint { get; init; }

    /// <summary>Frames that a camera sent before its first keyframe, which nothing could show, since this process started.</summary>
    public long Discarded { get; init; }

    /// <summary>Of the captured, those that were declared lost since the process started.</summary>
    public int Lost { get; init; }

    /// <summary>Frames a second of the last chunk; null before the first.</summary>
    public double? Fps { get; init; }

    /// <summary>Bits a second of the last chunk; null before the first.</summary>
    public double? Bitrate { get; init; }

    /// <summary>The clock of the last chunk; null before the first.</summary>
    public ChunkClock? Clock { get; init; }

    /// <summary>The last error, also when it is over; null before the first.</summary>
    public LastError? LastError { get; init; }

    /// <summary>The status after one more chunk.</summary>
    /// <param name="manifest">The chunk's.</param>
    /// <param name="now">Now, UTC.</param>
    internal StreamStatus After(ChunkManifest manifest, DateTimeOffset now) => this with
    {
        Captured = Captured.Plus(manifest.Frames, manifest.Size),
        Epoch = manifest.Epoch,
        Clock = manifest.Clock,
        LastChunk = new(manifest.Chunk, manifest.From, manifest.To) { At = now },
        Fps = manifest.Fps,
        Bitrate = manifest.Duration > TimeSpan.Zero ? Math.Round(manifest.Size * 8 / manifest.Duration.TotalSeconds) : null,
    };
}
