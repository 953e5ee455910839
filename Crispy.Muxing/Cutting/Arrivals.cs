namespace Crispy.Muxing.Cutting;

/// <summary>When pictures come, by our clock.</summary>
internal sealed class Arrivals
{
    // How far ahead of our clock a live source's may seem to be before it is another one.
    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(1);

    // Some containers have no finer times, and what reads them takes two pictures of one time for two slices of one.
    private static readonly TimeSpan LeastStep = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly Tick _tick;
    private long _last;
    private long _place = long.MinValue / 2;
    private TimeSpan? _earliest;

    /// <summary>Of a source that begins: nothing came yet.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="began">When reading began, by its timestamps.</param>
    /// <param name="tick">The unit of the video's times.</param>
    public Arrivals(TimeProvider clock, long began, Tick tick)
    {
        (_clock, _tick) = (clock, tick);
        _began = _last = began;
    }

    /// <summary>How long nothing came.</summary>
    public TimeSpan Silence => _clock.GetElapsedTime(_last);

    /// <summary>The time of a picture that comes now: how long ago reading began, in the video's ticks. Pictures that come all at once are
    /// a millisecond apart.</summary>
    public long Place() =>
        _place = Math.Max(_tick.From(_clock.GetElapsedTime(_began)), _place + Math.Max(1, _tick.From(LeastStep)));

    /// <summary>Something comes now.</summary>
    /// <returns>When that is, by the clock's timestamps.</returns>
    public long Take() => _last = _clock.GetTimestamp();

    /// <summary>Whether a picture's time is too late for the clock so far. A picture cannot arrive before it is taken: one that would
    /// have, if its time were of that clock, is of another.</summary>
    public bool IsAhead(Picture picture) => _earliest is { } earliest && earliest - Lateness(picture) > MostAhead;

    /// <summary>Learns from a picture of the clock so far.</summary>
    public void Learn(Picture picture)
    {
        if (_earliest is null || Lateness(picture) < _earliest) _earliest = Lateness(picture);
    }

    /// <summary>Another timeline begins.</summary>
    public void Reset() => _earliest = null;

    private TimeSpan Lateness(Picture picture) => _clock.GetElapsedTime(_began, picture.ArrivedAt) - _tick.Span(picture.Time);
}
