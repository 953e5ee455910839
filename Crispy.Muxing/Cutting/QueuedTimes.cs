namespace Crispy.Muxing.Cutting;

/// <summary>
/// Corrects times in a unit that is not NUT's. ffmpeg 5.1 keeps a track's packets back until the encoders of the others have begun. Then it
/// does not convert them from the source's unit, which NUT makes finer where it is above 1/20000 s.
/// </summary>
/// <param name="least">Below three quarters of this, in NUT's unit, no time of this track lies that has one.</param>
/// <param name="tick">NUT's unit.</param>
/// <param name="sourceTick">The source's; null where it is not known, and then nothing is corrected.</param>
internal sealed class QueuedTimes(long least, Tick tick, Tick? sourceTick)
{
    // As many as ffmpeg keeps back at most (-max_muxing_queue_size).
    private const int MostQueued = 128;

    private readonly long _factor = sourceTick?.In(tick, 1) ?? 1;
    private int _left = MostQueued;

    /// <summary>A time in NUT's unit.</summary>
    public long Whole(long carried)
    {
        if (_left == 0 || _factor <= 1) return carried;
        if (carried < least / 4 * 3 && carried >= least / _factor / 2)
        {
            _left--;
            return carried * _factor;
        }
        if (carried >= least / 4 * 3) _left = 0;
        return carried;
    }
}
