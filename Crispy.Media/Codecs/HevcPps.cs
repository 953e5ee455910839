using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>What slice headers need of a picture parameter set of HEVC (ITU-T H.265, 7.3.2.3.1).</summary>
/// <param name="Id">The number by which slices name it: 0 to 63.</param>
/// <param name="SequenceId">Its sequence parameter set.</param>
/// <param name="HasOutputFlag"><c>output_flag_present_flag</c>.</param>
/// <param name="ExtraBits"><c>num_extra_slice_header_bits</c>.</param>
internal sealed record HevcPps(int Id, int SequenceId, bool HasOutputFlag, int ExtraBits)
{
    /// <summary>Reads a set, its two NAL header bytes included; null when it cannot be one.</summary>
    public static HevcPps? Read(ReadOnlySpan<byte> nal)
    {
        if (nal.Length < 3) return null;
        var bits = new BitReader(nal[2..]);
        var id = bits.Ue();
        var sequence = bits.Ue();
        bits.Skip(1);
        var hasOutputFlag = bits.Flag();
        var extraBits = (int)bits.Bits(3);
        return bits.Overrun || id > 63 || sequence > 15 ? null : new((int)id, (int)sequence, hasOutputFlag, extraBits);
    }
}
