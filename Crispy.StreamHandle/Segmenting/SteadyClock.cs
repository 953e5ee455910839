namespace Crispy.StreamHandle.Segmenting;

/// <summary>UTC as it was once, and from then on by the monotonic clock. What uses this clock does not see a step of the wall
/// clock.</summary>
internal sealed class SteadyClock(TimeProvider clock)
{
    private readonly DateTimeOffset _began = clock.GetUtcNow();
    private readonly long _mark = clock.GetTimestamp();

    /// <summary>Now, UTC.</summary>
    public DateTimeOffset Now => _began + clock.GetElapsedTime(_mark);

    /// <summary>When a timestamp of the clock was taken, UTC.</summary>
    public DateTimeOffset At(long timestamp) => _began + clock.GetElapsedTime(_mark, timestamp);
}
