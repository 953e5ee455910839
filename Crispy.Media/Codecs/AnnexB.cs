namespace Crispy.Media.Codecs;

/// <summary>NAL units behind start codes (ITU-T H.264 and H.265, annex B).</summary>
internal static class AnnexB
{
    /// <summary>Reads the first sequence parameter set; null without one.</summary>
    public static SequenceParameters? FindSequence(ReadOnlySpan<byte> bytes, bool hevc)
    {
        var units = new NalReader(bytes, 0);
        while (units.TryTake(out var unit))
        {
            if (hevc && Hevc.TypeOf(unit) == Hevc.SpsType) return Hevc.FromSps(unit);
            if (!hevc && H264.TypeOf(unit) == H264.SpsType) return H264.FromSps(unit);
        }

        return null;
    }

    /// <summary>Whether there is a sequence parameter set, readable or not.</summary>
    public static bool HasSequence(ReadOnlySpan<byte> bytes, bool hevc)
    {
        var units = new NalReader(bytes, 0);
        while (units.TryTake(out var unit))
        {
            if (hevc ? Hevc.TypeOf(unit) == Hevc.SpsType : H264.TypeOf(unit) == H264.SpsType) return true;
        }

        return false;
    }

    /// <summary>Whether the first picture is an IDR (H.264) or an intra random access point (HEVC).</summary>
    public static bool IsKeyframe(ReadOnlySpan<byte> bytes, bool hevc)
    {
        var units = new NalReader(bytes, 0);
        while (units.TryTake(out var unit))
        {
            if (hevc && Hevc.IsSlice(Hevc.TypeOf(unit))) return Hevc.IsRandomAccess(Hevc.TypeOf(unit));
            if (!hevc && H264.IsSlice(H264.TypeOf(unit))) return H264.TypeOf(unit) == H264.IdrType;
        }

        return false;
    }
}
