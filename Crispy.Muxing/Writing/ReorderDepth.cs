using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Muxing.Writing;

/// <summary>How many pictures at most are decoded before one that is shown earlier than they.</summary>
internal static class ReorderDepth
{
    private const int H264Sps = 7;
    private const int Most = 16;

    /// <summary>As the codec or its parameter sets say; null where they do not.</summary>
    public static int? Of(VideoTrack track) => track.Codec switch
    {
        "h264" => OfH264(track.Configuration),
        "hevc" => OfHevc(track.Configuration),
        "mpeg1video" or "mpeg2video" or "mpeg4" => 1,
        _ => 0,
    };

    // ITU-T H.264, 7.3.2.1.1 and E.1.1: bitstream_restriction says it; without B slices in the profile, or by the type of order, there is
    // none.
    private static int? OfH264(ReadOnlySpan<byte> record)
    {
        if (record.Length < 8 || (record[6] << 8 | record[7]) > record.Length - 8 || (record[8] & 31) != H264Sps) return null;
        var bits = new BitReader(record.Slice(9, (record[6] << 8 | record[7]) - 1));
        var profile = bits.Bits(8);
        if (profile == 66) return 0;
        bits.Skip(16);
        bits.Ue();
        if (profile is not (77 or 88)) SkipChroma(ref bits);
        bits.Ue();
        var orderType = bits.Ue();
        if (orderType == 2) return 0;
        SkipOrder(ref bits, orderType);
        bits.Ue();
        bits.Skip(1);
        bits.Ue();
        bits.Ue();
        if (!bits.Flag()) bits.Skip(1);
        bits.Skip(1);
        if (bits.Flag()) SkipNumbers(ref bits, 4);
        return bits.Flag() ? OfUsability(ref bits) : null;
    }

    private static int? OfUsability(ref BitReader bits)
    {
        Vui.ReadPicture(ref bits);
        if (bits.Flag()) bits.Skip(65);
        var network = bits.Flag();
        if (network) SkipBuffers(ref bits);
        var codec = bits.Flag();
        if (codec) SkipBuffers(ref bits);
        bits.Skip(network || codec ? 2 : 1);
        if (!bits.Flag()) return null;
        bits.Skip(1);
        SkipNumbers(ref bits, 4);
        var depth = bits.Ue();
        return bits.Overrun || depth > Most ? null : (int)depth;
    }

    private static void SkipBuffers(ref BitReader bits)
    {
        var count = Math.Min(bits.Ue(), 31) + 1;
        bits.Skip(8);
        for (var i = 0; i < count; i++)
        {
            SkipNumbers(ref bits, 2);
            bits.Skip(1);
        }

        bits.Skip(20);
    }

    private static void SkipChroma(ref BitReader bits)
    {
        var chroma = bits.Ue();
        if (chroma == 3) bits.Skip(1);
        SkipNumbers(ref bits, 2);
        bits.Skip(1);
        if (!bits.Flag()) return;
        for (var list = 0; list < (chroma == 3 ? 12 : 8); list++)
        {
            if (bits.Flag()) SkipScaling(ref bits, list < 6 ? 16 : 64);
        }
    }

    private static void SkipScaling(ref BitReader bits, int size)
    {
        var last = 8;
        for (var i = 0; i < size && !bits.Overrun; i++)
        {
            last = (last + bits.Se() + 256) & 255;
            if (last == 0) return;
        }
    }

    private static void SkipOrder(ref BitReader bits, uint type)
    {
        if (type == 0) bits.Ue();
        if (type != 1) return;
        bits.Skip(1);
        SkipNumbers(ref bits, 2);
        SkipNumbers(ref bits, (int)Math.Min(bits.Ue(), 255));
    }

    // An Exp-Golomb number is as long signed as unsigned.
    private static void SkipNumbers(ref BitReader bits, int count)
    {
        for (var i = 0; i < count && !bits.Overrun; i++) bits.Ue();
    }

    // ITU-T H.265, 7.3.2.2: sps_max_num_reorder_pics of the highest sub-layer.
    private static int? OfHevc(ReadOnlySpan<byte> record)
    {
        if (SpsOf(record) is not { Length: > 4 } unit) return null;
        var bits = new BitReader(unit[2..]);
        bits.Skip(4);
        var subLayers = (int)bits.Bits(3);
        bits.Skip(1);
        SkipProfile(ref bits, subLayers);
        bits.Ue();
        if (bits.Ue() == 3) bits.Skip(1);
        SkipNumbers(ref bits, 2);
        if (bits.Flag()) SkipNumbers(ref bits, 4);
        SkipNumbers(ref bits, 3);
        var depth = 0u;
        for (var layer = bits.Flag() ? 0 : subLayers; layer <= subLayers; layer++)
        {
            bits.Ue();
            depth = bits.Ue();
            bits.Ue();
        }

        return bits.Overrun || depth > Most ? null : (int)depth;
    }

    private static void SkipProfile(ref BitReader bits, int subLayers)
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

    private static ReadOnlySpan<byte> SpsOf(ReadOnlySpan<byte> record)
    {
        foreach (var range in ParameterSetsOf.Hevc(record))
        {
            if ((record[range.Start.Value] >> 1 & 63) == Hevc.SpsType) return record[range];
        }

        return [];
    }
}
