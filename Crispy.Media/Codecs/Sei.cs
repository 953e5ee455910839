using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Supplemental enhancement information, which H.264 (7.3.2.3) and H.265 (7.3.5) write alike.</summary>
internal static class Sei
{
    private const int RecoveryPoint = 6;

    /// <summary>Finds the recovery point's count: <c>recovery_frame_cnt</c> of H.264, <c>recovery_poc_cnt</c> of H.265. Null without a
    /// recovery point.</summary>
    /// <param name="payload">The unit without its NAL header.</param>
    /// <param name="hevc">Of H.265, whose count has a sign.</param>
    public static int? FindRecovery(ReadOnlySpan<byte> payload, bool hevc)
    {
        var bits = new BitReader(payload);
        while (true)
        {
            var type = ReadNumber(ref bits);
            var size = ReadNumber(ref bits);
            if (bits.Overrun) return null;
            if (type != RecoveryPoint)
            {
                bits.Skip((int)Math.Min(size * 8, int.MaxValue));
                continue;
            }

            var count = hevc ? bits.Se() : (int)Math.Min(bits.Ue(), ushort.MaxValue);
            return bits.Overrun ? null : count;
        }
    }

    private static long ReadNumber(ref BitReader bits)
    {
        long number = 0;
        while (!bits.Overrun)
        {
            var next = bits.Bits(8);
            number += next;
            if (next != 255) break;
        }

        return number;
    }
}
