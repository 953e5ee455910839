using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>A sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1 and E.1.1): its pictures, and what its slice headers need.</summary>
internal sealed class H264Sps
{
    private const int MaxCycle = 255;
    private const int Baseline = 66;
    private const int MostReordered = 16;

    /// <summary>The number by which picture parameter sets name it: 0 to 31.</summary>
    public int Id { get; private init; }

    /// <summary><c>chroma_format_idc</c>: 0 to 3.</summary>
    public int ChromaFormat { get; private init; }

    /// <summary>Whether the three colour planes are coded like monochrome pictures of their own.</summary>
    public bool SeparatePlanes { get; private init; }

    /// <summary>Bits of a luma sample: 8 to 15.</summary>
    public int LumaDepth { get; private init; }

    /// <summary>Bits of a chroma sample: 8 to 15.</summary>
    public int ChromaDepth { get; private init; }

    /// <summary>Bits of <c>frame_num</c>.</summary>
    public int FrameNumberBits { get; private init; }

    /// <summary><c>pic_order_cnt_type</c>: 0, 1 or 2.</summary>
    public int OrderType { get; private init; }

    /// <summary>Bits of <c>pic_order_cnt_lsb</c>, for type 0.</summary>
    public int OrderBits { get; private init; }

    /// <summary><c>delta_pic_order_always_zero_flag</c>, for type 1.</summary>
    public bool OrderDeltasAreZero { get; private init; }

    /// <summary><c>offset_for_non_ref_pic</c>, for type 1.</summary>
    public int NonReferenceOffset { get; private init; }

    /// <summary><c>offset_for_top_to_bottom_field</c>, for type 1.</summary>
    public int BottomOffset { get; private init; }

    /// <summary><c>offset_for_ref_frame</c>, for type 1.</summary>
    public int[] CycleOffsets { get; private init; } = [];

    /// <summary>Whether no picture is a field and no macroblock is field coded.</summary>
    public bool FramesOnly { get; private init; }

    /// <summary>How many pictures at most are decoded before one that is shown earlier than they;
    /// null where the set does not say.</summary>
    public int? ReorderDepth { get; private init; }

    /// <summary>Size, colour, shape and rate; null when no picture can have them.</summary>
    public SequenceParameters? Parameters { get; private init; }

    /// <summary>Reads a set, its NAL header byte included; null when it cannot be one.</summary>
    public static H264Sps? Read(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 5) return null;
        var bits = new BitReader(nal[1..]);
        var profile = bits.Bits(8);
        bits.Skip(16);
        var id = bits.Ue();
        var colour = HasColour(profile) ? ReadColour(ref bits) : (Format: 1u, Separate: false, Luma: 8u, Chroma: 8u);
        var frameNumberBits = bits.Ue() + 4L;
        var order = ReadOrder(ref bits);
        bits.Ue();
        bits.Skip(1);
        var (width, height, framesOnly) = ReadSize(ref bits, colour.Format);
        if (bits.Overrun || id > 31 || order.Type > 2 || frameNumberBits > 16 || order.Bits > 16) return null;
        if (colour.Format > 3 || colour.Luma > 15 || colour.Chroma > 15) return null;
        var (aspect, frameSeconds, restricted) = bits.Flag() ? ReadVui(ref bits) : default;
        return new()
        {
            Id = (int)id,
            ChromaFormat = (int)colour.Format,
            SeparatePlanes = colour.Separate,
            LumaDepth = (int)colour.Luma,
            ChromaDepth = (int)colour.Chroma,
            FrameNumberBits = (int)frameNumberBits,
            OrderType = (int)order.Type,
            OrderBits = (int)order.Bits,
            OrderDeltasAreZero = order.DeltasAreZero,
            NonReferenceOffset = order.NonReference,
            BottomOffset = order.Bottom,
            CycleOffsets = order.Cycle,
            FramesOnly = framesOnly,
            // Without B slices in the profile, or by the type of order, there is none.
            ReorderDepth = profile == Baseline || order.Type == 2 ? 0 : restricted,
            Parameters = SequenceParameters.Checked(width, height, colour.Format == 0, frameSeconds) is not { } parameters
                ? null
                : parameters with
            {
                BitDepth = (int)colour.Luma,
                Chroma = SequenceParameters.ChromaName(colour.Format),
                PixelAspect = aspect,
                IsInterlaced = framesOnly ? false : null,
            },
        };
    }

    private static bool HasColour(uint profile) =>
        profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static (uint Format, bool Separate, uint Luma, uint Chroma) ReadColour(ref BitReader bits)
    {
        var format = bits.Ue();
        var separate = format == 3 && bits.Flag();
        var luma = Math.Min(bits.Ue(), 8) + 8;
        var chroma = Math.Min(bits.Ue(), 8) + 8;
        bits.Skip(1);
        if (!bits.Flag()) return (format, separate, luma, chroma);
        for (var list = 0; list < (format == 3 ? 12 : 8); list++)
        {
            if (bits.Flag()) SkipScalingList(ref bits, list < 6 ? 16 : 64);
        }

        return (format, separate, luma, chroma);
    }

    /// <summary>Passes over one <c>scaling_list</c>.</summary>
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

    // From pic_order_cnt_type to the end of the cycle.
    private static (uint Type, long Bits, bool DeltasAreZero, int NonReference, int Bottom, int[] Cycle) ReadOrder(ref BitReader bits)
    {
        var type = bits.Ue();
        var lowBits = type == 0 ? bits.Ue() + 4L : 4;
        if (type != 1) return (type, lowBits, false, 0, 0, []);
        var deltasAreZero = bits.Flag();
        var (nonReference, bottom) = (bits.Se(), bits.Se());
        return (type, lowBits, deltasAreZero, nonReference, bottom, ReadCycle(ref bits));
    }

    private static int[] ReadCycle(ref BitReader bits)
    {
        var offsets = new int[Math.Min(bits.Ue(), MaxCycle)];
        for (var i = 0; i < offsets.Length; i++) offsets[i] = bits.Se();
        return offsets;
    }

    // Pixels, without what is cropped.
    private static (long Width, long Height, bool FramesOnly) ReadSize(ref BitReader bits, uint format)
    {
        var width = (bits.Ue() + 1L) * 16;
        var mapUnits = bits.Ue() + 1L;
        var framesOnly = bits.Flag();
        if (!framesOnly) bits.Skip(1);
        bits.Skip(1);
        var height = mapUnits * 16 * (framesOnly ? 1 : 2);
        if (!bits.Flag()) return (width, height, framesOnly);
        var unitX = format is 1 or 2 ? 2 : 1;
        var unitY = (format == 1 ? 2 : 1) * (framesOnly ? 1 : 2);
        width -= ((long)bits.Ue() + bits.Ue()) * unitX;
        height -= ((long)bits.Ue() + bits.Ue()) * unitY;
        return (width, height, framesOnly);
    }

    // A frame is two ticks: H.264 counts fields.
    private static (PixelAspect? Aspect, double FrameSeconds, int? ReorderDepth) ReadVui(ref BitReader bits)
    {
        var aspect = Vui.ReadPicture(ref bits);
        var tick = Vui.ReadTick(ref bits);
        return (aspect, 2 * (tick ?? 0), ReadReorderDepth(ref bits, hasTick: tick is not null));
    }

    // Behind the tick: hypothetical decoders, then bitstream_restriction.
    private static int? ReadReorderDepth(ref BitReader bits, bool hasTick)
    {
        if (hasTick) bits.Skip(1);
        var network = bits.Flag();
        if (network) SkipDecoder(ref bits);
        var codec = bits.Flag();
        if (codec) SkipDecoder(ref bits);
        bits.Skip(network || codec ? 2 : 1);
        if (!bits.Flag()) return null;
        bits.Skip(1);
        for (var i = 0; i < 4; i++) bits.Ue();
        var depth = bits.Ue();
        return bits.Overrun || depth > MostReordered ? null : (int)depth;
    }

    // hrd_parameters
    private static void SkipDecoder(ref BitReader bits)
    {
        var count = Math.Min(bits.Ue(), 31) + 1;
        bits.Skip(8);
        for (var i = 0; i < count; i++)
        {
            bits.Ue();
            bits.Ue();
            bits.Skip(1);
        }

        bits.Skip(20);
    }
}
