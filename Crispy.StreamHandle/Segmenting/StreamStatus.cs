using Crispy.Spool;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>Where a stream stands.</summary>
public enum StreamState
{
    /// <summary>Its source is being opened.</summary>
    Starting,

    /// <summary>Its ffmpeg runs and has had a picture of it.</summary>
    Running,

    /// <summary>Its live source is away; the next try comes after a pause.</summary>
    Backoff,

    /// <summary>Its finite source is at its end, or it was stopped.</summary>
    Ended,

    /// <summary>Another replica records it.</summary>
    Standby,

    /// <summary>No further try can help: the configuration or the source must change.</summary>
    Failed,

    /// <summary>It is not recorded until somebody resumes it.</summary>
    Paused,

    /// <summary>It is no longer there; what its spool still holds is published.</summary>
    Removed,
}

/// <summary>What is to be done about a stream.</summary>
public enum StreamDuty
{
    /// <summary>Record it.</summary>
    Record,

    /// <summary>Keep it as it is: what lies in its spool is published, and what was left open waits.</summary>
    Pause,

    /// <summary>Close what was left open, and publish what lies in its spool.</summary>
    Settle,
}

/// <summary>The last chunk that became ready.</summary>
/// <param name="Id">Its id.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
public sealed record LastChunk(string Id, DateTimeOffset From, DateTimeOffset To);

/// <summary>What is known of a stream now; a snapshot.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="IsFinite">Whether its source has an end.</param>
/// <param name="Error">Why it is not running; null while it is. Holds no secret.</param>
/// <param name="Epoch">The present epoch; null before the first chunk.</param>
/// <param name="Captured">Chunks found in the spool at start and captured since.</param>
/// <param name="Pending">Closed segments that are not yet chunks.</param>
/// <param name="Paused">Whether its ffmpeg stands still until the spool has room.</param>
/// <param name="LastChunk">The last chunk.</param>
public sealed record StreamStatus(
    StreamState State, bool IsFinite, string? Error, string? Epoch, Captured Captured, int Pending, bool Paused, LastChunk? LastChunk)
{
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
    public Contracts.ChunkClock? Clock { get; init; }

    /// <summary>The last error, also when it is over; null before the first.</summary>
    public LastError? LastError { get; init; }
}

/// <summary>An error that a stream had.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Error">What; holds no secret.</param>
public sealed record LastError(DateTimeOffset At, string Error);
