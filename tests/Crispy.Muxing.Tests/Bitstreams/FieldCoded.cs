namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>Field-coded H.264 of 64x64, which no encoder at hand writes. An IDR field of I_PCM macroblocks begins each group. All other
/// fields are P fields that skip every macroblock.</summary>
internal static class FieldCoded
{
    private const int Side = 64;
    private const int Macroblocks = Side / 16 * (Side / 32);

    /// <summary>All fields behind each other.</summary>
    public static byte[] Stream(int frames, int group) => [.. Fields(frames, group).SelectMany(field => field)];

    /// <summary>One packet a field, top field first, the parameter sets before each group.</summary>
    public static List<byte[]> Fields(int frames, int group)
    {
        var fields = new List<byte[]>();
        for (var frame = 0; frame < frames; frame++)
        {
            byte[][] sets = frame % group == 0 ? [Sequence(), Picture()] : [];
            fields.Add(NalUnits.WithStartCodes([[9, 0xF0], .. sets, Field((uint)(frame % group), (uint)(frame / group), isBottom: false)]));
            fields.Add(NalUnits.WithStartCodes([[9, 0xF0], Field((uint)(frame % group), (uint)(frame / group), isBottom: true)]));
        }

        return fields;
    }

    // Main profile, level 3; frame_num of 4 bits; order type 0 with 8 bits; two reference frames; fields allowed.
    private static byte[] Sequence() =>
        new BitWriter().U(8, 77).U(8, 0).U(8, 30).Ue(0).Ue(0).Ue(0).Ue(4).Ue(2).U(1, 0).Ue(Side / 16 - 1).Ue(Side / 32 - 1)
        .U(1, 0).U(1, 0).U(1, 1).U(1, 0).U(1, 0).Nal(0x67);

    private static byte[] Picture() =>
        new BitWriter().Ue(0).Ue(0).U(1, 0).U(1, 0).Ue(0).Ue(0).Ue(0).U(1, 0).U(2, 0).Se(0).Se(0).Se(0).U(3, 0).Nal(0x68);

    private static byte[] Field(uint frame, uint group, bool isBottom)
    {
        var isIdr = frame == 0 && !isBottom;
        var slice = new BitWriter().Ue(0).Ue(isIdr ? 7u : 5u).Ue(0).U(4, frame % 16).U(1, 1).U(1, isBottom ? 1u : 0);
        if (isIdr) slice.Ue(group % 2);
        slice.U(8, (2 * frame + (isBottom ? 1u : 0)) % 256);
        if (isIdr) slice.U(2, 0);
        else slice.U(3, 0);
        slice.Se(0);
        if (!isIdr) return slice.Ue(Macroblocks).Nal(0x61);
        for (var block = 0; block < Macroblocks; block++)
        {
            slice.Ue(25).Align();
            for (var sample = 0; sample < 384; sample++) slice.U(8, (uint)(40 + 10 * block + group));
        }

        return slice.Nal(0x65);
    }
}
