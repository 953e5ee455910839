using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The way through an HEVC sequence parameter set from its block sizes to the frame rate in its VUI.</summary>
internal static class HevcTiming
{
    private const int MaxReferenceSets = 64;
    private const int MaxPictures = 16;

    /// <summary>The shape of a pixel, and seconds a frame; null and 0 when the set does not say, or cannot be followed.</summary>
    public static (PixelAspect? Aspect, double FrameSeconds) Read(ref BitReader bits, int orderBits)
    {
        for (var i = 0; i < 6; i++) bits.Ue();
        if (bits.Flag() && bits.Flag()) SkipScalingLists(ref bits);
        bits.Skip(2);
        if (bits.Flag())
        {
            bits.Skip(8);
            bits.Ue();
            bits.Ue();
            bits.Skip(1);
        }

        if (!SkipShortTermReferences(ref bits)) return default;
        if (bits.Flag())
        {
            var longTerm = Math.Min(bits.Ue(), 32);
            for (var i = 0; i < longTerm; i++) bits.Skip(orderBits + 1);
        }

        bits.Skip(2);
        return bits.Flag() ? ReadVui(ref bits) : default;
    }

    private static void SkipScalingLists(ref BitReader bits)
    {
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1)
            {
                if (!bits.Flag())
                {
                    bits.Ue();
                    continue;
                }

                if (size > 1) bits.Se();
                for (var i = 0; i < Math.Min(64, 1 << (4 + (size << 1))); i++) bits.Se();
            }
        }
    }

    private static bool SkipShortTermReferences(ref BitReader bits)
    {
        var sets = bits.Ue();
        if (sets > MaxReferenceSets) return false;
        var pictures = 0;
        for (var set = 0; set < sets; set++)
        {
            if (set > 0 && bits.Flag())
            {
                pictures = CountPredictedPictures(ref bits, pictures);
            }
            else
            {
                var before = bits.Ue();
                var after = bits.Ue();
                if (before > MaxPictures || after > MaxPictures) return false;
                pictures = (int)(before + after);
                for (var i = 0; i < pictures; i++)
                {
                    bits.Ue();
                    bits.Skip(1);
                }
            }

            if (pictures > MaxPictures || bits.Overrun) return false;
        }

        return true;
    }

    private static int CountPredictedPictures(ref BitReader bits, int reference)
    {
        bits.Skip(1);
        bits.Ue();
        var count = 0;
        for (var i = 0; i <= reference; i++)
        {
            var used = bits.Flag();
            if (used || bits.Flag()) count++;
        }

        return count;
    }

    private static (PixelAspect? Aspect, double FrameSeconds) ReadVui(ref BitReader bits)
    {
        var aspect = Vui.ReadPicture(ref bits);
        bits.Skip(3);
        if (bits.Flag())
        {
            for (var i = 0; i < 4; i++) bits.Ue();
        }

        return (bits.Overrun ? null : aspect, Vui.ReadTick(ref bits) ?? 0);
    }
}
