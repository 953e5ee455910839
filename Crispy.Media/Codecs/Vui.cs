using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Video usability information, what H.264 (annex E.1.1) and H.265 (annex E.2.1) have in common.</summary>
internal static class Vui
{
    private const uint ExtendedSar = 255;

    /// <summary>Passes over aspect ratio, overscan, signal type and chroma location.</summary>
    public static void SkipPicture(ref BitReader bits)
    {
        if (bits.Flag() && bits.Bits(8) == ExtendedSar) bits.Skip(32);
        if (bits.Flag()) bits.Skip(1);
        if (bits.Flag())
        {
            bits.Skip(4);
            if (bits.Flag()) bits.Skip(24);
        }

        if (bits.Flag())
        {
            bits.Ue();
            bits.Ue();
        }
    }

    /// <summary>Seconds of a clock tick; 0 where the stream does not tell.</summary>
    public static double ReadTick(ref BitReader bits)
    {
        if (!bits.Flag()) return 0;
        double tick = bits.Bits(32);
        double scale = bits.Bits(32);
        return bits.Overrun || scale == 0 ? 0 : tick / scale;
    }
}
