namespace Crispy.StreamHandle.Watching;

/// <summary>Counts losses of the last day, by minutes: one number for each minute in which there was one.</summary>
internal sealed class LossCount
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Queue<(DateTimeOffset At, long Count)> _minutes = new();
    private long _total;
    private long _before;

    /// <summary>Takes in how many there are in all.</summary>
    /// <param name="all">Losses since the process started; may fall when a loss is taken back.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>How many came within the last day.</returns>
    public long Take(long all, DateTimeOffset now)
    {
        var more = all - _before;
        _before = all;
        if (more > 0)
        {
            _minutes.Enqueue((now, more));
            _total += more;
        }
        while (_minutes.TryPeek(out var oldest) && oldest.At < now - Day) _total -= _minutes.Dequeue().Count;
        return Math.Min(_total, all);
    }
}
