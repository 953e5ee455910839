namespace Crispy.StreamHandle.Supervising;

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
