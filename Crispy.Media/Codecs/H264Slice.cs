using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The head of a slice of H.264 (ITU-T H.264, 7.3.3).</summary>
internal readonly record struct H264Slice
{
    /// <summary>Whether the slice is the first of its picture.</summary>
    public bool IsFirst { get; init; }

    /// <summary>The picture parameter set it names.</summary>
    public uint PictureSet { get; init; }

    /// <summary><c>slice_type</c> modulo 5: 0 P, 1 B, 2 I, 3 SP, 4 SI.</summary>
    public uint Type { get; init; }

    /// <summary>Whether it is an I or SI slice.</summary>
    public bool IsIntra => Type is 2 or 4;

    /// <summary>Whether its picture is an IDR picture.</summary>
    public bool IsIdr { get; init; }

    /// <summary>Whether other pictures may need its picture.</summary>
    public bool IsReference { get; init; }

    /// <summary><c>frame_num</c>.</summary>
    public uint FrameNumber { get; init; }

    /// <summary>Whether its picture is one field of a frame.</summary>
    public bool IsField { get; init; }

    /// <summary>Whether that field is the bottom one.</summary>
    public bool IsBottom { get; init; }

    /// <summary><c>pic_order_cnt_lsb</c>.</summary>
    public uint OrderLow { get; init; }

    /// <summary><c>delta_pic_order_cnt_bottom</c>, or <c>delta_pic_order_cnt[0]</c>.</summary>
    public int Delta0 { get; init; }

    /// <summary><c>delta_pic_order_cnt[1]</c>.</summary>
    public int Delta1 { get; init; }

    /// <summary>Whether a memory_management_control_operation 5 makes the order begin again behind it.</summary>
    public bool ResetsOrder { get; init; }

    /// <summary>Reads the picture parameter set's number alone; false when the bytes end before.</summary>
    /// <param name="nal">The unit, its header byte included.</param>
    /// <param name="slice">What could be read without parameter sets.</param>
    public static bool TryReadStart(ReadOnlySpan<byte> nal, out H264Slice slice)
    {
        slice = default;
        if (nal.Length < 2) return false;
        var bits = new BitReader(nal[1..]);
        slice = ReadStart(ref bits, nal[0]);
        return !bits.Overrun && slice.PictureSet <= 255;
    }

    /// <summary>Reads the head; false when the bytes end before.</summary>
    public static bool TryRead(ReadOnlySpan<byte> nal, H264Sps sps, H264Pps pps, out H264Slice slice)
    {
        slice = default;
        if (nal.Length < 2) return false;
        var bits = new BitReader(nal[1..]);
        var start = ReadStart(ref bits, nal[0]);
        if (sps.SeparatePlanes) bits.Skip(2);
        var frameNumber = bits.Bits(sps.FrameNumberBits);
        var isField = !sps.FramesOnly && bits.Flag();
        var isBottom = isField && bits.Flag();
        if (start.IsIdr) bits.Ue();
        var low = sps.OrderType == 0 ? bits.Bits(sps.OrderBits) : 0;
        var hasBottomOrder = pps.HasBottomOrder && !isField;
        var hasDeltas = sps.OrderType == 1 && !sps.OrderDeltasAreZero;
        var delta0 = hasDeltas || sps.OrderType == 0 && hasBottomOrder ? bits.Se() : 0;
        var delta1 = hasDeltas && hasBottomOrder ? bits.Se() : 0;
        if (bits.Overrun) return false;
        slice = start with
        {
            FrameNumber = frameNumber,
            IsField = isField,
            IsBottom = isBottom,
            OrderLow = low,
            Delta0 = delta0,
            Delta1 = delta1,
            ResetsOrder = start is { IsReference: true, IsIdr: false } && ReadReset(ref bits, start.Type, sps, pps),
        };
        return true;
    }

    private static H264Slice ReadStart(ref BitReader bits, byte header)
    {
        var first = bits.Ue() == 0;
        var type = bits.Ue() % 5;
        return new()
        {
            IsFirst = first,
            PictureSet = bits.Ue(),
            Type = type,
            IsIdr = (header & 31) == H264.IdrType,
            IsReference = (header & 0x60) != 0,
        };
    }

    private static bool ReadReset(ref BitReader bits, uint type, H264Sps sps, H264Pps pps)
    {
        var isPredicted = type is 0 or 3;
        var isBipredicted = type == 1;
        if (pps.HasRedundantPictures) bits.Ue();
        if (isBipredicted) bits.Skip(1);
        var references0 = pps.References0;
        var references1 = isBipredicted ? pps.References1 : 0;
        if ((isPredicted || isBipredicted) && bits.Flag())
        {
            references0 = Math.Min(bits.Ue(), 31) + 1;
            if (isBipredicted) references1 = Math.Min(bits.Ue(), 31) + 1;
        }

        if (isPredicted || isBipredicted) SkipListChanges(ref bits);
        if (isBipredicted) SkipListChanges(ref bits);
        if (pps.IsWeighted && isPredicted || pps.BipredictiveWeights == 1 && isBipredicted)
        {
            SkipWeights(ref bits, references0 + references1, sps is { ChromaFormat: not 0, SeparatePlanes: false });
        }

        return bits.Flag() && HasReset(ref bits);
    }

    private static void SkipListChanges(ref BitReader bits)
    {
        if (!bits.Flag()) return;
        while (!bits.Overrun && bits.Ue() < 3) bits.Ue();
    }

    private static void SkipWeights(ref BitReader bits, uint references, bool hasChroma)
    {
        bits.Ue();
        if (hasChroma) bits.Ue();
        for (var i = 0u; i < references; i++)
        {
            if (bits.Flag()) SkipSigned(ref bits, 2);
            if (hasChroma && bits.Flag()) SkipSigned(ref bits, 4);
        }
    }

    private static void SkipSigned(ref BitReader bits, int count)
    {
        for (var i = 0; i < count; i++) bits.Se();
    }

    private static bool HasReset(ref BitReader bits)
    {
        while (!bits.Overrun)
        {
            switch (bits.Ue())
            {
                case 1 or 2 or 4 or 6:
                    bits.Ue();
                    break;
                case 3:
                    bits.Ue();
                    bits.Ue();
                    break;
                case 5:
                    return !bits.Overrun;
                default:
                    return false;
            }
        }

        return false;
    }
}
