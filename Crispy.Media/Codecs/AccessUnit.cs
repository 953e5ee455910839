namespace Crispy.Media.Codecs;

/// <summary>What the first NAL units of a packet of H.264 or H.265 tell, whether lengths of four bytes (ISO/IEC 14496-15) or start codes (annex B) part them.</summary>
internal static class AccessUnit
{
    /// <summary>Whether the packet begins in the middle of a picture: cameras that slice their pictures arrive with a packet a slice.</summary>
    public static bool ContinuesPicture(string codec, ReadOnlySpan<byte> packet)
    {
        if (codec is not ("h264" or "hevc") || !TryTakeUnit(ref packet, out var unit) || unit.Length < 3) return false;
        // first_mb_in_slice is 0, as Exp-Golomb code one set bit, in a picture's first slice; HEVC has a flag for it.
        return codec == "h264" ? (unit[0] & 31) is 1 or 2 or 5 && unit[1] < 0x80 : (unit[0] >> 1 & 63) < 32 && unit[2] < 0x80;
    }

    /// <summary>Reads the last sequence parameter set before the picture: newer than what the container's head says. Null without one.</summary>
    public static SequenceParameters? FindSequence(string codec, ReadOnlySpan<byte> packet)
    {
        SequenceParameters? found = null;
        if (codec is not ("h264" or "hevc")) return null;
        while (TryTakeUnit(ref packet, out var unit))
        {
            if (unit.IsEmpty) continue;
            var type = codec == "h264" ? unit[0] & 31 : unit[0] >> 1 & 63;
            if (codec == "h264" ? type is >= 1 and <= 5 : type < 32) break;
            if (codec == "h264" && type == 7) found = H264.FromSps(unit) ?? found;
            if (codec == "hevc" && type == Hevc.SpsType) found = Hevc.FromSps(unit) ?? found;
        }

        return found;
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> unit)
    {
        unit = default;
        if (packet.Length < 5) return false;
        if (packet is [0, 0, 1, ..] or [0, 0, 0, 1, ..]) return TryTakeAfterStartCode(ref packet, out unit);
        var length = packet[0] << 24 | packet[1] << 16 | packet[2] << 8 | packet[3];
        if (length <= 0) return false;
        var taken = Math.Min(length, packet.Length - 4);
        unit = packet.Slice(4, taken);
        packet = packet[(4 + taken)..];
        return true;
    }

    private static bool TryTakeAfterStartCode(ref ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> unit)
    {
        packet = packet[(packet[2] == 1 ? 3 : 4)..];
        var end = packet.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        unit = end < 0 ? packet : packet[..end];
        packet = end < 0 ? [] : packet[end..];
        return true;
    }
}
