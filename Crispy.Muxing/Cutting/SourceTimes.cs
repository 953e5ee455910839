using Crispy.Muxing.Nut;

namespace Crispy.Muxing.Cutting;

/// <summary>What is known of a picture's time.</summary>
internal enum TimeKind
{
    /// <summary>Its source gives a presentation time.</summary>
    Presentation,

    /// <summary>Its source gives a decoding time only.</summary>
    Decoding,

    /// <summary>Its source gives none: what there is was counted by ffmpeg.</summary>
    Counted,
}

/// <summary>
/// The times of packets as they were before <see cref="Carrier"/> made them fit for NUT and for ffmpeg's muxing. NUT has neither negative
/// nor unknown times, and no decoding times; the muxing rewrites what does not rise. Ticks are the video's.
/// </summary>
/// <param name="tick">The unit.</param>
/// <param name="isEncoded">Whether ffmpeg encoded the pictures: a step back then comes as a step forward
/// (<see cref="Carrier.Frames"/>).</param>
/// <param name="sourceTick">The source's own unit; null where it is not known.</param>
/// <param name="wrapBits">Of how many bits of 90 kHz times are, which libavformat unwraps in part; null where they do not wrap.</param>
internal sealed class SourceTimes(Tick tick, bool isEncoded, Tick? sourceTick, int? wrapBits)
{
    private readonly long _offset = tick.From(Carrier.Offset);
    private readonly long _range = wrapBits is { } bits ? new Tick(1, 90_000).In(tick, 1L << bits) : 0;
    private readonly QueuedTimes _queued = new(2 * tick.From(Carrier.Offset), tick, sourceTick);
    private readonly long _back = tick.From(Carrier.Back);
    private readonly long _wrapLead = tick.From(TimeSpan.FromMinutes(1));
    private long? _first;
    private long? _before;
    private long? _folded;
    private long _shift;

    /// <summary>Whether the times of this timeline are ffmpeg's guess. It closes a wrap by decoding times, which it has counted itself
    /// where a transport stream has none. That it was wrong shows where it did so: two pictures have the same time.</summary>
    public bool IsGuessed { get; private set; }

    /// <summary>Another timeline begins.</summary>
    public void Reset() => IsGuessed = false;

    /// <summary>A picture's time on its source's own timeline.</summary>
    public (long Time, TimeKind Kind) Video(NutPacket packet)
    {
        var (time, kind) = _queued.Whole(packet.Time) switch
        {
            var carried when carried / 3 >= _offset => (carried / 4 - _offset, TimeKind.Decoding),
            var carried when carried >= _offset => (carried / 2 - _offset, TimeKind.Presentation),
            var carried => (carried / 2, TimeKind.Counted),
        };
        if (isEncoded) time = Unfolded(time);
        else if (kind != TimeKind.Counted) time = Nearest(time);
        return (time, kind);
    }

    // Encoders put a keyframe after such a step, so that no picture from before it comes later.
    private long Unfolded(long time)
    {
        if (_folded is { } before && time - before is var step && step >= _back) _shift -= step + step - _back;
        _folded = Math.Max(_folded ?? time, time);
        return time + _shift;
    }

    /// <summary>Of all times that wrap to the given one, that which is nearest to the last picture's.</summary>
    public long Near(long time)
    {
        if (_range == 0 || _before is not { } before) return time;
        var turns = Math.Round((double)(before - time) / _range);
        return time + (long)turns * _range;
    }

    // libavformat puts the wrap a minute before the first time that it reads (update_wrap_reference).
    private bool IsAtWrap(long time)
    {
        if (_range == 0) return false;
        var since = (time - _first!.Value + _wrapLead) % _range;
        return Math.Min(Math.Abs(since), _range - Math.Abs(since)) < _wrapLead / 30;
    }

    private long Nearest(long time)
    {
        time = Near(time);
        _first ??= time;
        IsGuessed |= time == _before && IsAtWrap(time);
        _before = time;
        return time;
    }
}
