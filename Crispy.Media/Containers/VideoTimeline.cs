namespace Crispy.Media.Containers;

/// <summary>What the video packets' times add up to.</summary>
internal readonly record struct VideoSummary(long Frames, long Keyframes, bool StartsWithKeyframe, TimeSpan First, TimeSpan FirstPacket, TimeSpan Duration);

/// <summary>Collects presentation times of video packets, in ticks of <see cref="TickNumerator"/>/<see cref="TickDenominator"/> seconds.</summary>
internal sealed class VideoTimeline
{
    // Two packets this near each other in seconds are slices of one picture: writers keep equal timestamps apart by a tick.
    private const double OneFrame = 0.0002;

    private long _firstPacket;
    private long _previous;
    private long _first = long.MaxValue;
    private long _last = long.MinValue;
    private long _end = long.MinValue;

    /// <summary>A tick's length is this many ...</summary>
    public long TickNumerator { get; set; } = 1;

    /// <summary>... of these parts of a second.</summary>
    public long TickDenominator { get; set; } = 1;

    /// <summary>What is added to all times, in ticks (an edit list).</summary>
    public long Shift { get; set; }

    /// <summary>Seconds a frame by the codec's or the container's word, for frames without a duration of their own; 0 when unknown.</summary>
    public double NominalFrameSeconds { get; set; }

    /// <summary>Whether durations are steps of decoding time while frames are shown in another order: the step behind the last frame shown is another frame's.</summary>
    public bool DurationsAreDecodingSteps { get; set; }

    /// <summary>The frame duration in nanoseconds that a container with coarse ticks declares for all its frames; 0 when it does not.</summary>
    public long ExactFrameNanoseconds { get; set; }

    /// <summary>Frames so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Keyframes so far.</summary>
    public long Keyframes { get; private set; }

    /// <summary>Whether the first frame was a keyframe.</summary>
    public bool StartsWithKeyframe { get; private set; }

    /// <summary>Adds one packet. A duration of 0 is an unknown one.</summary>
    public void Add(long pts, long duration, bool keyframe) => AddRun(pts, duration, 1, keyframe ? 1 : 0, keyframe);

    /// <summary>Adds <paramref name="count"/> packets that follow each other by <paramref name="duration"/>, the first at <paramref name="pts"/>.</summary>
    public void AddRun(long pts, long duration, long count, long keyframes, bool firstIsKeyframe)
    {
        if (count <= 0) return;
        if (Frames == 0) (StartsWithKeyframe, _firstPacket) = (firstIsKeyframe, pts);
        var last = pts + (count - 1) * duration;
        if (Frames > 0 && count == 1 && Follows(pts) < OneFrame)
        {
            _end = Math.Max(_end, pts + duration);
            return;
        }

        _previous = last;
        Frames += count;
        Keyframes += keyframes;
        if (pts < _first) _first = pts;
        if (last > _last) _last = last;
        if (last + duration > _end) _end = last + duration;
    }

    /// <summary>Seconds from the frame before to a time that is not earlier; else infinite.</summary>
    public double Follows(long pts) => Frames > 0 && pts >= _previous ? ((double)pts - _previous) * TickNumerator / TickDenominator : double.PositiveInfinity;

    /// <summary>Replaces the counted keyframes, for containers that list them apart from the times.</summary>
    public void SetKeyframes(long count, bool firstIsKeyframe)
    {
        Keyframes = count;
        StartsWithKeyframe = firstIsKeyframe;
    }

    /// <summary>Adds it all up.</summary>
    public VideoSummary Summarize() =>
        Frames == 0
            ? default
            : new(Frames, Keyframes, StartsWithKeyframe, Time(_first + Shift), Time(_firstPacket + Shift), LastHasDuration ? Measured() : Time(_last - _first) + MissingDuration());

    private bool LastHasDuration => _end > _last && !(DurationsAreDecodingSteps && NominalFrameSeconds > 0);

    // Millisecond ticks hide a third of a frame's duration. When the frames lie on the declared grid, the grid is the truth.
    private TimeSpan Measured()
    {
        var measured = Time(_end - _first);
        var exact = TimeSpan.FromTicks(Clamp((Int128)Frames * ExactFrameNanoseconds / 100));
        return exact > TimeSpan.Zero && (exact - measured).Duration() < TimeSpan.FromMilliseconds(1) ? exact : measured;
    }

    private TimeSpan MissingDuration()
    {
        if (NominalFrameSeconds > 0) return TimeSpan.FromSeconds(NominalFrameSeconds);
        return Frames > 1 ? Time(_last - _first) / (Frames - 1) : TimeSpan.Zero;
    }

    private TimeSpan Time(long ticks)
    {
        var scaled = (Int128)ticks * TickNumerator * TimeSpan.TicksPerSecond;
        var half = (Int128)TickDenominator / 2;
        return TimeSpan.FromTicks(Clamp((scaled + (scaled < 0 ? -half : half)) / TickDenominator));
    }

    // Damaged bytes can say any time at all: a hundred years either way leave room for sums.
    private static long Clamp(Int128 ticks) => (long)Int128.Clamp(ticks, -36500 * TimeSpan.TicksPerDay, 36500 * TimeSpan.TicksPerDay);
}
