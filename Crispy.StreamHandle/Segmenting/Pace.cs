namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// Holds a finite source to the speed at which it plays. One that is read on after an interruption is read from its beginning again, as
/// fast as it goes. Segments that were settled
/// before pass at once. What comes after them is due when a camera, switched on when the first of it appeared, would have sent it. The
/// time of the interruption is not caught up. For one thread.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="passed">Segments from the source's beginning that were settled before.</param>
internal sealed class Pace(TimeProvider clock, int passed)
{
    private long? _began;
    private TimeSpan _start;

    /// <summary>How long what comes next must wait; 0 or less where it is due.</summary>
    /// <param name="position">When the last picture that came is shown, on its timeline.</param>
    /// <param name="closed">Segments closed so far.</param>
    public TimeSpan Early(TimeSpan position, int closed)
    {
        if (closed < passed) return TimeSpan.Zero;
        // A clock that was set back goes on from where it is now.
        if (_began is null || position < _start) (_began, _start) = (clock.GetTimestamp(), position);
        return position - _start - clock.GetElapsedTime(_began.Value);
    }
}
