using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>What slice headers need of a picture parameter set of H.264 (ITU-T H.264, 7.3.2.2).</summary>
/// <param name="Id">The number by which slices name it: 0 to 255.</param>
/// <param name="SequenceId">Its sequence parameter set.</param>
/// <param name="HasBottomOrder"><c>bottom_field_pic_order_in_frame_present_flag</c>.</param>
/// <param name="References0">The default size of reference list 0.</param>
/// <param name="References1">The default size of reference list 1.</param>
/// <param name="IsWeighted"><c>weighted_pred_flag</c>.</param>
/// <param name="BipredictiveWeights"><c>weighted_bipred_idc</c>.</param>
/// <param name="HasRedundantPictures"><c>redundant_pic_cnt_present_flag</c>.</param>
internal sealed record H264Pps(
    int Id, int SequenceId, bool HasBottomOrder, uint References0, uint References1, bool IsWeighted, uint BipredictiveWeights,
    bool HasRedundantPictures)
{
    private const uint MaxReferences = 32;

    /// <summary>Reads a set, its NAL header byte included; null when it cannot be one.</summary>
    public static H264Pps? Read(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 2) return null;
        var bits = new BitReader(nal[1..]);
        var id = bits.Ue();
        var sequence = bits.Ue();
        bits.Skip(1);
        var hasBottomOrder = bits.Flag();
        var groups = bits.Ue() + 1L;
        if (groups > 8) return null;
        if (groups > 1) SkipSliceGroups(ref bits, (int)groups);
        var references0 = bits.Ue() + 1L;
        var references1 = bits.Ue() + 1L;
        var weighted = bits.Flag();
        var bipredictive = bits.Bits(2);
        bits.Se();
        bits.Se();
        bits.Se();
        bits.Skip(2);
        var redundant = bits.Flag();
        if (bits.Overrun || id > 255 || sequence > 31 || references0 > MaxReferences || references1 > MaxReferences) return null;
        return new((int)id, (int)sequence, hasBottomOrder, (uint)references0, (uint)references1, weighted, bipredictive, redundant);
    }

    private static void SkipSliceGroups(ref BitReader bits, int groups)
    {
        switch (bits.Ue())
        {
            case 0:
                for (var i = 0; i < groups; i++) bits.Ue();
                break;
            case 2:
                for (var i = 0; i < 2 * (groups - 1); i++) bits.Ue();
                break;
            case 3 or 4 or 5:
                bits.Skip(1);
                bits.Ue();
                break;
            case 6:
                var units = bits.Ue() + 1L;
                bits.Skip((int)Math.Min(units * (groups > 4 ? 3 : groups > 2 ? 2 : 1), int.MaxValue));
                break;
        }
    }
}
