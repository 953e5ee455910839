namespace Crispy.Muxing.Cutting;

/// <summary>
/// Mends times in a unit that is not NUT's. ffmpeg 5.1 keeps a track's packets back until the encoders of the others have begun, and then does not convert
/// them from the source's unit, which NUT makes finer where it is above 1/20000 s.
/// </summary>
/// <param name="least">Below three quarters of this, in NUT's unit, no time of this track lies that has one.</param>
/// <param name="factor">How many of NUT's units one of the source's is.</param>
internal sealed class QueuedTimes(long least, long factor)
{
    // As many as ffmpeg keeps back at most (-max_muxing_queue_size).
    private const int MostQueued = 128;

    private int _left = factor > 1 ? MostQueued : 0;

    /// <summary>A time in NUT's unit.</summary>
    public long Whole(long carried)
    {
        if (_left == 0) return carried;
        if (carried < least / 4 * 3 && carried >= least / factor / 2)
        {
            _left--;
            return carried * factor;
        }
        if (carried >= least / 4 * 3) _left = 0;
        return carried;
    }
}
