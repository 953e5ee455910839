namespace Crispy.Muxing.Cutting;

/// <summary>
/// The times of sound. ffmpeg hands a step back on as a step forward of the same size (<see cref="Carrier.Sound"/>). From release 6.1
/// on it makes a sound packet's presentation time out of its decoding time, and that must rise. The pictures beside it tell which
/// one it was. Nanoseconds.
/// </summary>
internal sealed class SoundTimes(Tick tick, Tick? sourceTick, SourceTimes video, Tick videoTick)
{
    private const long Step = 1_000_000_000;

    private readonly long _offset = tick.From(Carrier.Offset);
    private readonly QueuedTimes _queued = new(tick.From(Carrier.Offset), tick, sourceTick);
    private long? _before;
    private long _moved;

    /// <summary>A packet's time on its source's timeline.</summary>
    /// <param name="carried">As NUT has it.</param>
    /// <param name="picture">The latest picture's time, in nanoseconds; null before the first.</param>
    public long Of(long carried, long? picture)
    {
        carried = _queued.Whole(carried);
        var time = tick.In(Tick.Nanosecond, carried >= _offset / 2 ? carried - _offset : carried);
        if (_before is { } before && time - before is > Step and var step && picture is { } near
            && Distance(time + _moved - 2 * step, near) < Distance(time + _moved, near)) _moved -= 2 * step;
        _before = time;
        return Unwrapped(time + _moved);
    }

    private long Distance(long time, long picture) => Math.Abs(Unwrapped(time) - picture);

    private long Unwrapped(long time) => videoTick.In(Tick.Nanosecond, video.Near(Tick.Nanosecond.In(videoTick, time)));
}
