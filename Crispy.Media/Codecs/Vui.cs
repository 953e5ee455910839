using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Video usability information, what H.264 (annex E.1.1) and H.265 (annex E.2.1) have in common.</summary>
internal static class Vui
{
    private const uint ExtendedSar = 255;

    // Table E-1 of both: width and height of a pixel by aspect_ratio_idc.
    private static readonly (int Width, int Height)[] Aspects =
    [
        (0, 0), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11),
        (80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
    ];

    /// <summary>Reads the aspect ratio of a pixel, null where it is not said, and passes over overscan, signal type and chroma
    /// location.</summary>
    public static PixelAspect? ReadPicture(ref BitReader bits)
    {
        var aspect = bits.Flag() ? ReadAspect(ref bits) : null;
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

        return aspect;
    }

    private static PixelAspect? ReadAspect(ref BitReader bits)
    {
        var code = bits.Bits(8);
        if (code == ExtendedSar) return PixelAspect.Of((int)bits.Bits(16), (int)bits.Bits(16));
        return code < Aspects.Length ? PixelAspect.Of(Aspects[code].Width, Aspects[code].Height) : null;
    }

    /// <summary>Seconds of a clock tick; null where the stream does not tell, 0 where what it tells is none.</summary>
    public static double? ReadTick(ref BitReader bits)
    {
        if (!bits.Flag()) return null;
        double tick = bits.Bits(32);
        double scale = bits.Bits(32);
        return bits.Overrun || scale == 0 ? 0 : tick / scale;
    }
}
