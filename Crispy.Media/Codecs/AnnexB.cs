namespace Crispy.Media.Codecs;

/// <summary>NAL units behind start codes (ITU-T H.264 and H.265, annex B).</summary>
internal static class AnnexB
{
    private const int H264Sps = 7;
    private const int H264Idr = 5;

    /// <summary>Reads the first sequence parameter set; null without one.</summary>
    public static SequenceParameters? FindSequence(ReadOnlySpan<byte> bytes, bool hevc)
    {
        while (TryTakeUnit(ref bytes, out var unit))
        {
            if (hevc && TypeOf(unit, hevc) == Hevc.SpsType) return Hevc.FromSps(unit);
            if (!hevc && TypeOf(unit, hevc) == H264Sps) return H264.FromSps(unit);
        }

        return null;
    }

    /// <summary>Whether the first picture is an IDR (H.264) or an intra random access point (HEVC).</summary>
    public static bool IsKeyframe(ReadOnlySpan<byte> bytes, bool hevc)
    {
        while (TryTakeUnit(ref bytes, out var unit))
        {
            var type = TypeOf(unit, hevc);
            if (hevc && type < 32) return type is >= 16 and <= 23;
            if (!hevc && type is >= 1 and <= H264Idr) return type == H264Idr;
        }

        return false;
    }

    private static int TypeOf(ReadOnlySpan<byte> unit, bool hevc) => unit.IsEmpty ? -1 : hevc ? unit[0] >> 1 & 63 : unit[0] & 31;

    private static bool TryTakeUnit(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> unit)
    {
        unit = [];
        var start = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        if (start < 0) return false;
        bytes = bytes[(start + 3)..];
        var end = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        unit = end < 0 ? bytes : bytes[..end];
        bytes = end < 0 ? [] : bytes[end..];
        return true;
    }
}
