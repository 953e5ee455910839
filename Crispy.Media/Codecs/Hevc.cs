using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>HEVC sequence parameter sets (ITU-T H.265, 7.3.2.2 and E.2.1) and the configuration record (ISO/IEC 14496-15, 8.3.3.1).</summary>
internal static class Hevc
{
    /// <summary>The NAL unit type of a sequence parameter set.</summary>
    public const int SpsType = 33;

    /// <summary>Reads the first sequence parameter set of an <c>hvcC</c> record.</summary>
    public static SequenceParameters? FromConfiguration(ReadOnlySpan<byte> record)
    {
        if (record.Length < 23) return null;
        var arrays = record[22];
        var rest = record[23..];
        for (var array = 0; array < arrays && rest.Length >= 3; array++)
        {
            var type = rest[0] & 63;
            var units = rest[1] << 8 | rest[2];
            rest = rest[3..];
            for (var unit = 0; unit < units && rest.Length >= 2; unit++)
            {
                var length = rest[0] << 8 | rest[1];
                if (length > rest.Length - 2) return null;
                if (type == SpsType) return FromSps(rest.Slice(2, length));
                rest = rest[(2 + length)..];
            }
        }

        return null;
    }

    /// <summary>Reads a sequence parameter set, its two NAL header bytes included.</summary>
    public static SequenceParameters? FromSps(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 4) return null;
        var bits = new BitReader(nal[2..]);
        bits.Skip(4);
        var subLayers = (int)bits.Bits(3);
        bits.Skip(1);
        SkipProfileTierLevel(ref bits, subLayers);
        bits.Ue();
        var chroma = bits.Ue();
        if (chroma == 3) bits.Skip(1);
        long width = bits.Ue();
        long height = bits.Ue();
        if (bits.Flag())
        {
            width -= ((long)bits.Ue() + bits.Ue()) * (chroma is 1 or 2 ? 2 : 1);
            height -= ((long)bits.Ue() + bits.Ue()) * (chroma == 1 ? 2 : 1);
        }

        return bits.Overrun ? null : SequenceParameters.Checked(width, height, chroma == 0, HevcTiming.ReadFrameSeconds(ref bits, subLayers));
    }

    private static void SkipProfileTierLevel(ref BitReader bits, int subLayers)
    {
        bits.Skip(96);
        var present = bits.Bits(2 * subLayers);
        if (subLayers > 0) bits.Skip(2 * (8 - subLayers));
        for (var layer = subLayers - 1; layer >= 0; layer--)
        {
            if ((present >> (2 * layer + 1) & 1) != 0) bits.Skip(88);
            if ((present >> (2 * layer) & 1) != 0) bits.Skip(8);
        }
    }
}
