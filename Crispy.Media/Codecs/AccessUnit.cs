namespace Crispy.Media.Codecs;

/// <summary>What the first NAL units of a packet of H.264 or H.265 tell. Lengths of four bytes (ISO/IEC 14496-15) or start codes (annex B)
/// part them.</summary>
internal static class AccessUnit
{
    /// <summary>Whether the packet's first slice lies in the middle of a picture: cameras that slice their pictures arrive with a packet
    /// a slice.</summary>
    public static bool ContinuesPicture(string codec, ReadOnlySpan<byte> packet)
    {
        if (codec is not ("h264" or "hevc")) return false;
        var units = Units(packet);
        while (units.TryTake(out var unit))
        {
            // first_mb_in_slice is 0, as Exp-Golomb code one set bit, in a picture's first slice; HEVC has a flag for it.
            if (codec == "h264" && unit.Length > 1 && H264.TypeOf(unit) is 1 or 2 or 5) return unit[1] < 0x80;
            if (codec == "hevc" && unit.Length > 2 && Hevc.IsSlice(Hevc.TypeOf(unit))) return unit[2] < 0x80;
        }

        return false;
    }

    /// <summary>Reads the last sequence parameter set before the picture: newer than what the container's head says. Null without
    /// one.</summary>
    public static SequenceParameters? FindSequence(string codec, ReadOnlySpan<byte> packet)
    {
        SequenceParameters? found = null;
        if (codec is not ("h264" or "hevc")) return null;
        var units = Units(packet);
        while (units.TryTake(out var unit))
        {
            if (codec == "h264" ? H264.IsSlice(H264.TypeOf(unit)) : Hevc.IsSlice(Hevc.TypeOf(unit))) break;
            if (codec == "h264" && H264.TypeOf(unit) == H264.SpsType) found = H264.FromSps(unit) ?? found;
            if (codec == "hevc" && Hevc.TypeOf(unit) == Hevc.SpsType) found = Hevc.FromSps(unit) ?? found;
        }

        return found;
    }

    // No unit is a single byte long: a length of 1 is a start code. One of three bytes cannot be told from a length of 256 and more.
    private static NalReader Units(ReadOnlySpan<byte> packet) => new(packet, packet is [0, 0, 0, 1, ..] ? 0 : 4);
}
