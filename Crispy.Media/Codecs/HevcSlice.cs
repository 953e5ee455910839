using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The head of a slice segment of HEVC (ITU-T H.265, 7.3.6.1).</summary>
/// <param name="IsFirst">Whether the segment is the first of its picture.</param>
/// <param name="PictureSet">The picture parameter set it names.</param>
internal readonly record struct HevcSlice(bool IsFirst, uint PictureSet)
{
    /// <summary><c>slice_type</c>: 0 B, 1 P, 2 I.</summary>
    public uint Type { get; init; }

    /// <summary><c>slice_pic_order_cnt_lsb</c>; 0 of an IDR picture.</summary>
    public uint OrderLow { get; init; }

    /// <summary>Reads what needs no parameter sets; false when the bytes end before.</summary>
    public static bool TryReadStart(ReadOnlySpan<byte> nal, out HevcSlice slice)
    {
        slice = default;
        if (nal.Length < 3) return false;
        var bits = new BitReader(nal[2..]);
        slice = ReadStart(ref bits, Hevc.TypeOf(nal));
        return !bits.Overrun && slice.PictureSet <= 63;
    }

    /// <summary>Reads the head of a picture's first segment; false when the bytes end before.</summary>
    public static bool TryRead(ReadOnlySpan<byte> nal, HevcSps sps, HevcPps pps, out HevcSlice slice)
    {
        slice = default;
        if (nal.Length < 3) return false;
        var type = Hevc.TypeOf(nal);
        var bits = new BitReader(nal[2..]);
        var start = ReadStart(ref bits, type);
        bits.Skip(pps.ExtraBits);
        var sliceType = bits.Ue();
        if (pps.HasOutputFlag) bits.Skip(1);
        if (sps.SeparatePlanes) bits.Skip(2);
        var low = type is 19 or 20 ? 0 : bits.Bits(sps.OrderBits);
        slice = start with { Type = sliceType, OrderLow = low };
        return !bits.Overrun;
    }

    private static HevcSlice ReadStart(ref BitReader bits, int type)
    {
        var first = bits.Flag();
        if (Hevc.IsRandomAccess(type)) bits.Skip(1);
        return new(first, bits.Ue());
    }
}
