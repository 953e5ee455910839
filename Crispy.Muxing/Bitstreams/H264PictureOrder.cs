using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>Picture order counts of H.264 (ITU-T H.264, 8.2.1), of pictures in decoding order.</summary>
internal sealed class H264PictureOrder
{
    private long _high;
    private long _low;
    private long _frameOffset;
    private long _frameNumber;

    /// <summary>The count of the next picture: of a frame that of the field shown first.</summary>
    public int Next(in H264Slice slice, H264Sps sps)
    {
        if (slice.IsIdr) (_high, _low, _frameOffset, _frameNumber) = (0, 0, 0, 0);
        var (top, bottom) = sps.OrderType == 0 ? ByLowBits(slice, sps) : ByFrameNumber(slice, sps);
        var order = slice.IsField ? (slice.IsBottom ? bottom : top) : Math.Min(top, bottom);
        if (!slice.ResetsOrder) return (int)order;
        (_high, _low) = (0, slice.IsBottom ? 0 : top - order);
        (_frameOffset, _frameNumber) = (0, 0);
        return 0;
    }

    // 8.2.1.1
    private (long Top, long Bottom) ByLowBits(in H264Slice slice, H264Sps sps)
    {
        long low = slice.OrderLow;
        var limit = 1L << sps.OrderBits;
        var high = _high;
        if (low < _low && _low - low >= limit / 2) high += limit;
        else if (low > _low && low - _low > limit / 2) high -= limit;
        if (slice.IsReference) (_high, _low) = (high, low);
        return (high + low, high + low + slice.Delta0);
    }

    // 8.2.1.2 and 8.2.1.3
    private (long Top, long Bottom) ByFrameNumber(in H264Slice slice, H264Sps sps)
    {
        if (slice.FrameNumber < _frameNumber) _frameOffset += 1L << sps.FrameNumberBits;
        _frameNumber = slice.FrameNumber;
        var frame = _frameOffset + slice.FrameNumber;
        if (sps.OrderType == 2)
        {
            var order = slice.IsIdr ? 0 : 2 * frame - (slice.IsReference ? 0 : 1);
            return (order, order);
        }

        var expected = Expected(frame, slice.IsReference, sps);
        return slice.IsField
            ? (expected + slice.Delta0, expected + sps.BottomOffset + slice.Delta0)
            : (expected + slice.Delta0, expected + slice.Delta0 + sps.BottomOffset + slice.Delta1);
    }

    private static long Expected(long frame, bool isReference, H264Sps sps)
    {
        var cycle = sps.CycleOffsets;
        var number = cycle.Length == 0 ? 0 : frame - (isReference || frame == 0 ? 0 : 1);
        long expected = isReference ? 0 : sps.NonReferenceOffset;
        if (number <= 0) return expected;
        long whole = 0;
        foreach (var offset in cycle) whole += offset;
        expected += (number - 1) / cycle.Length * whole;
        for (var i = 0; i <= (number - 1) % cycle.Length; i++) expected += cycle[i];
        return expected;
    }
}
