namespace Crispy.StreamHandle.Spooling;

/// <summary>Tells from how the spool grew in the last two minutes how long it will have room. Not safe for concurrent use.</summary>
internal sealed class SpoolForecast(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    // Over a shorter time a few chunks that come and go look like growth.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(10);

    private readonly Queue<Sample> _samples = new();
    private Sample _last;

    /// <summary>Bytes a second by which the spool's files grow; 0 where they do not, or nobody can tell yet.</summary>
    public double Growth => PerSecond(_last.Bytes, first => first.Bytes);

    /// <summary>Bytes a second by which the free bytes of the volume become fewer, no matter who takes them.</summary>
    public double Shrinkage => PerSecond(-_last.Free, first => -first.Free);

    /// <summary>Notes a measurement.</summary>
    /// <param name="bytes">Bytes of the spool's files.</param>
    /// <param name="free">Free bytes of its volume.</param>
    public void Add(long bytes, long free)
    {
        _last = new(clock.GetTimestamp(), bytes, free);
        _samples.Enqueue(_last);
        while (clock.GetElapsedTime(_samples.Peek().At, _last.At) > Window) _samples.Dequeue();
    }

    /// <summary>Seconds until there is no more room at the present rate; infinite while the spool does not grow.</summary>
    /// <param name="room">Bytes until the budget is used up.</param>
    /// <param name="volumeRoom">Bytes until the volume has no more than must stay free.</param>
    public double SecondsUntilFull(long room, long volumeRoom) => Math.Min(Seconds(room, Growth), Seconds(volumeRoom, Shrinkage));

    private double PerSecond(long last, Func<Sample, long> first)
    {
        if (_samples.Count == 0) return 0;
        var since = _samples.Peek();
        var time = clock.GetElapsedTime(since.At, _last.At);
        return time < Least ? 0 : Math.Max(0, (last - first(since)) / time.TotalSeconds);
    }

    private static double Seconds(long room, double rate) =>
        room <= 0 ? 0 : rate > 0 ? room / rate : double.PositiveInfinity;

    private readonly record struct Sample(long At, long Bytes, long Free);
}
