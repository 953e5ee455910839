namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// Holds a finite source that is read on after an interruption to the speed at which it plays. ffmpeg reads it from its beginning again, as fast as it goes: segments that were settled before pass at once,
/// and each one after them is due when a camera, switched on when the first of them appeared, would have ended it. The time of the interruption is not caught up. For one thread.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="passed">Segments from the source's beginning that were settled before.</param>
internal sealed class Pace(TimeProvider clock, int passed)
{
    /// <summary>Segments that may be read before they are due: one that waits for its time, the next one, which shows that it is not the last, and one in reserve.</summary>
    public const int MostAhead = 3;

    private long? _began;
    private TimeSpan _start;

    /// <summary>Segments that pass at once.</summary>
    public int Passed => passed;

    /// <summary>How long a segment must wait yet; 0 or less where it is due.</summary>
    public TimeSpan Early(ClosedSegment segment)
    {
        if (segment.Index < passed) return TimeSpan.Zero;
        if (_began is null) (_began, _start) = (clock.GetTimestamp(), segment.Start);
        return segment.End - _start - clock.GetElapsedTime(_began.Value);
    }
}
