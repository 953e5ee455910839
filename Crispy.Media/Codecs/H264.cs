using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>H.264 parameter sets (ITU-T H.264, 7.3.2.1 and E.1.1) and its configuration record (ISO/IEC 14496-15, 5.3.3.1).</summary>
internal static class H264
{
    /// <summary>Reads the first sequence parameter set of an <c>avcC</c> record.</summary>
    public static SequenceParameters? FromConfiguration(ReadOnlySpan<byte> record)
    {
        if (record.Length < 8 || record[0] != 1 || (record[5] & 31) == 0) return null;
        var length = record[6] << 8 | record[7];
        return length <= record.Length - 8 ? FromSps(record.Slice(8, length)) : null;
    }

    /// <summary>Reads a sequence parameter set, its NAL header byte included.</summary>
    public static SequenceParameters? FromSps(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 5) return null;
        var bits = new BitReader(nal[1..]);
        var profile = bits.Bits(8);
        bits.Skip(16);
        bits.Ue();
        var chroma = ReadChromaFormat(ref bits, profile);
        SkipPictureOrder(ref bits);
        var width = (bits.Ue() + 1L) * 16;
        var mapUnits = bits.Ue() + 1L;
        var framesOnly = bits.Flag();
        if (!framesOnly) bits.Skip(1);
        bits.Skip(1);
        var height = mapUnits * 16 * (framesOnly ? 1 : 2);
        if (bits.Flag())
        {
            var unitX = chroma is 1 or 2 ? 2 : 1;
            var unitY = (chroma == 1 ? 2 : 1) * (framesOnly ? 1 : 2);
            width -= ((long)bits.Ue() + bits.Ue()) * unitX;
            height -= ((long)bits.Ue() + bits.Ue()) * unitY;
        }

        if (bits.Overrun) return null;
        var frameSeconds = bits.Flag() ? ReadFrameSeconds(ref bits) : 0;
        return SequenceParameters.Checked(width, height, chroma == 0, frameSeconds);
    }

    private static uint ReadChromaFormat(ref BitReader bits, uint profile)
    {
        if (profile is not (100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135)) return 1;
        var chroma = bits.Ue();
        if (chroma == 3) bits.Skip(1);
        bits.Ue();
        bits.Ue();
        bits.Skip(1);
        if (bits.Flag())
        {
            for (var list = 0; list < (chroma == 3 ? 12 : 8); list++)
            {
                if (bits.Flag()) SkipScalingList(ref bits, list < 6 ? 16 : 64);
            }
        }

        return chroma;
    }

    private static void SkipScalingList(ref BitReader bits, int size)
    {
        var last = 8;
        for (var i = 0; i < size && !bits.Overrun; i++)
        {
            var next = (last + bits.Se() + 256) & 255;
            if (next == 0) return;
            last = next;
        }
    }

    private static void SkipPictureOrder(ref BitReader bits)
    {
        bits.Ue();
        var type = bits.Ue();
        if (type == 0)
        {
            bits.Ue();
        }
        else if (type == 1)
        {
            bits.Skip(1);
            bits.Se();
            bits.Se();
            var cycle = bits.Ue();
            for (var i = 0u; i < cycle && !bits.Overrun; i++) bits.Se();
        }

        bits.Ue();
        bits.Skip(1);
    }

    // A frame is two ticks: H.264 counts fields.
    private static double ReadFrameSeconds(ref BitReader bits)
    {
        Vui.SkipPicture(ref bits);
        return 2 * Vui.ReadTick(ref bits);
    }
}
