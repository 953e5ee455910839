using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>Collects presentation times of video packets, in ticks of
/// <see cref="TickNumerator"/>/<see cref="TickDenominator"/> seconds.</summary>
internal sealed class VideoTimeline
{
    // Two packets this near each other in seconds are slices of one picture: writers keep equal timestamps apart by a tick.
    private const double OneFrame = 0.0002;

    // HEVC has at most 600 slices in a picture.
    private const int MostSlices = 1024;

    // Ticks that are believed, either way: sums of some have room.
    private const long MostTicks = long.MaxValue / 4;

    private long _firstPacket;
    private long _previous;
    private long _first = long.MaxValue;
    private long _last = long.MinValue;
    private long _end = long.MinValue;
    private long _longestStep;
    private int _slices;
    private bool _isBroken;

    /// <summary>A tick's length is this many ...</summary>
    public long TickNumerator { get; set; } = 1;

    /// <summary>... of these parts of a second.</summary>
    public long TickDenominator { get; set; } = 1;

    /// <summary>What is added to all times, in ticks (an edit list).</summary>
    public long Shift { get; set; }

    /// <summary>Seconds a frame by the codec's or the container's word, for frames without a duration of their own;
    /// 0 when unknown.</summary>
    public double NominalFrameSeconds { get; set; }

    /// <summary>Whether durations are steps of decoding time while frames are shown in another order:
    /// the step behind the last frame shown is another frame's.</summary>
    public bool DurationsAreDecodingSteps { get; set; }

    /// <summary>The frame duration in nanoseconds that a container with coarse ticks declares for all its frames;
    /// 0 when it does not.</summary>
    public long ExactFrameNanoseconds { get; set; }

    /// <summary>Frames so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Keyframes so far.</summary>
    public long Keyframes { get; private set; }

    /// <summary>Whether the first frame was a keyframe.</summary>
    public bool StartsWithKeyframe { get; private set; }

    /// <summary>Adds one packet. A duration of 0 is an unknown one.</summary>
    public void Add(long pts, long duration, bool keyframe) => AddRun(pts, duration, 1, keyframe ? 1 : 0, keyframe);

    /// <summary>Adds <paramref name="count"/> packets that follow each other by <paramref name="duration"/>, the first at
    /// <paramref name="begin"/>.</summary>
    public void AddRun(Int128 begin, long duration, long count, long keyframes, bool firstIsKeyframe)
    {
        Work.Count();
        if (count <= 0) return;
        var pts = Believed(begin);
        var last = Believed(begin + (Int128)(count - 1) * duration);
        var end = Believed((Int128)last + duration);
        if (Frames == 0) (StartsWithKeyframe, _firstPacket) = (firstIsKeyframe, pts);
        if (Frames > 0 && count == 1 && Follows(pts) < OneFrame)
        {
            _isBroken |= ++_slices > MostSlices;
            _end = Math.Max(_end, end);
            return;
        }

        _slices = 1;
        _longestStep = Math.Max(_longestStep, Math.Max(duration, Frames > 0 ? Math.Abs(pts - _previous) : 0));
        _previous = last;
        Frames += count;
        Keyframes += keyframes;
        if (pts < _first) _first = pts;
        if (last > _last) _last = last;
        if (end > _end) _end = end;
    }

    private long Believed(Int128 ticks)
    {
        if (ticks >= -MostTicks && ticks <= MostTicks) return (long)ticks;
        _isBroken = true;
        return ticks < 0 ? -MostTicks : MostTicks;
    }

    /// <summary>Seconds from the frame before to a time that is not earlier; else infinite.</summary>
    public double Follows(long pts) =>
        Frames > 0 && pts >= _previous ? ((double)pts - _previous) * TickNumerator / TickDenominator : double.PositiveInfinity;

    /// <summary>Replaces the counted keyframes, for containers that list them apart from the times: by packets. Several
    /// of them may be slices of one frame.</summary>
    public void SetKeyframes(long count, bool firstIsKeyframe)
    {
        Keyframes = Math.Min(count, Frames);
        StartsWithKeyframe = firstIsKeyframe;
    }

    /// <summary>Adds it all up.</summary>
    public VideoSummary Summarize()
    {
        if (Frames == 0) return default;
        var duration = LastHasDuration ? Measured() : Time(_last - _first) + MissingDuration();
        var (first, firstPacket, longestStep) = (Time(_first + Shift), Time(_firstPacket + Shift), Time(_longestStep));
        return new(Frames, Keyframes, StartsWithKeyframe, first, firstPacket, duration) { LongestStep = longestStep, IsBroken = _isBroken };
    }

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
    private long Clamp(Int128 ticks)
    {
        var clamped = Int128.Clamp(ticks, -36500 * TimeSpan.TicksPerDay, 36500 * TimeSpan.TicksPerDay);
        _isBroken |= clamped != ticks;
        return (long)clamped;
    }
}
