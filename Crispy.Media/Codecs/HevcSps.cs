using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>A sequence parameter set of HEVC (ITU-T H.265, 7.3.2.2 and E.2.1): its pictures, and what slice headers and records
/// need.</summary>
internal sealed class HevcSps
{
    private const int MostReordered = 16;

    /// <summary>The number by which picture parameter sets name it: 0 to 15.</summary>
    public int Id { get; private init; }

    /// <summary><c>sps_max_sub_layers_minus1</c>.</summary>
    public int SubLayers { get; private init; }

    /// <summary><c>sps_temporal_id_nesting_flag</c>.</summary>
    public bool AreNested { get; private init; }

    /// <summary>The twelve bytes of the general profile, tier and level.</summary>
    public byte[] ProfileTierLevel { get; private init; } = [];

    /// <summary><c>chroma_format_idc</c>: 0 to 3.</summary>
    public int ChromaFormat { get; private init; }

    /// <summary>Whether the three colour planes are coded like monochrome pictures of their own.</summary>
    public bool SeparatePlanes { get; private init; }

    /// <summary>Bits of a luma sample: 8 to 15.</summary>
    public int LumaDepth { get; private init; }

    /// <summary>Bits of a chroma sample: 8 to 15.</summary>
    public int ChromaDepth { get; private init; }

    /// <summary>Bits of <c>slice_pic_order_cnt_lsb</c>.</summary>
    public int OrderBits { get; private init; }

    /// <summary>How many pictures at most are decoded before one that is shown earlier than they;
    /// null where the set cannot be followed.</summary>
    public int? ReorderDepth { get; private init; }

    /// <summary>Size, colour, shape and rate; null when no picture can have them.</summary>
    public SequenceParameters? Parameters { get; private init; }

    /// <summary>Reads a set, its two NAL header bytes included; null when it cannot be one.</summary>
    public static HevcSps? Read(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 4) return null;
        var bits = new BitReader(nal[2..]);
        bits.Skip(4);
        var subLayers = (int)bits.Bits(3);
        var areNested = bits.Flag();
        var level = ReadProfileTierLevel(ref bits, subLayers);
        var id = bits.Ue();
        var chroma = bits.Ue();
        var separate = chroma == 3 && bits.Flag();
        var (width, height) = ReadSize(ref bits, chroma);
        if (bits.Overrun) return null;
        var lumaDepth = (int)Math.Min(bits.Ue(), 8) + 8;
        var chromaDepth = (int)Math.Min(bits.Ue(), 8) + 8;
        var orderBits = (int)Math.Min(bits.Ue(), 12) + 4;
        if (id > 15 || chroma > 3 || lumaDepth > 15 || chromaDepth > 15) return null;
        var reorderDepth = ReadReorderDepth(ref bits, subLayers);
        var (aspect, frameSeconds) = HevcTiming.Read(ref bits, orderBits);
        return new()
        {
            Id = (int)id,
            SubLayers = subLayers,
            AreNested = areNested,
            ProfileTierLevel = level,
            ChromaFormat = (int)chroma,
            SeparatePlanes = separate,
            LumaDepth = lumaDepth,
            ChromaDepth = chromaDepth,
            OrderBits = orderBits,
            ReorderDepth = reorderDepth,
            Parameters = SequenceParameters.Checked(width, height, chroma == 0, frameSeconds) is not { } parameters ? null : parameters with
            {
                BitDepth = lumaDepth,
                Chroma = SequenceParameters.ChromaName(chroma),
                PixelAspect = aspect,
                IsInterlaced = SaysFields(level),
            },
        };
    }

    // Pixels, without what the conformance window cuts off.
    private static (long Width, long Height) ReadSize(ref BitReader bits, uint chroma)
    {
        long width = bits.Ue();
        long height = bits.Ue();
        if (!bits.Flag()) return (width, height);
        width -= ((long)bits.Ue() + bits.Ue()) * (chroma is 1 or 2 ? 2 : 1);
        height -= ((long)bits.Ue() + bits.Ue()) * (chroma == 1 ? 2 : 1);
        return (width, height);
    }

    // sps_max_num_reorder_pics of the highest sub-layer.
    private static int? ReadReorderDepth(ref BitReader bits, int subLayers)
    {
        var depth = 0u;
        for (var layer = bits.Flag() ? 0 : subLayers; layer <= subLayers; layer++)
        {
            bits.Ue();
            depth = bits.Ue();
            bits.Ue();
        }

        return bits.Overrun || depth > MostReordered ? null : (int)depth;
    }

    // general_progressive_source_flag without general_interlaced_source_flag: no fields. Anything else leaves it to each picture.
    private static bool? SaysFields(byte[] level) => (level[5] & 0xC0) == 0x80 ? false : null;

    private static byte[] ReadProfileTierLevel(ref BitReader bits, int subLayers)
    {
        var level = new byte[12];
        for (var i = 0; i < level.Length; i++) level[i] = (byte)bits.Bits(8);
        var present = bits.Bits(2 * subLayers);
        if (subLayers > 0) bits.Skip(2 * (8 - subLayers));
        for (var layer = subLayers - 1; layer >= 0; layer--)
        {
            if ((present >> (2 * layer + 1) & 1) != 0) bits.Skip(88);
            if ((present >> (2 * layer) & 1) != 0) bits.Skip(8);
        }

        return level;
    }
}
