namespace Crispy.Media.Codecs;

/// <summary>What the first NAL units of a packet of H.264 or H.265 tell, whether lengths of four bytes (ISO/IEC 14496-15) or start codes (annex B) part them.</summary>
internal static class AccessUnit
{
    /// <summary>Whether the packet's first slice lies in the middle of a picture: cameras that slice their pictures arrive with a packet a slice.</summary>
    public static bool ContinuesPicture(string codec, ReadOnlySpan<byte> packet)
    {
        if (codec is not ("h264" or "hevc")) return false;
        var startCodes = HasStartCodes(packet);
        while (TryTakeUnit(ref packet, startCodes, out var unit))
        {
            // first_mb_in_slice is 0, as Exp-Golomb code one set bit, in a picture's first slice; HEVC has a flag for it.
            if (codec == "h264" && unit.Length > 1 && ((unit[0] & 31) is 1 or 2 or 5)) return unit[1] < 0x80;
            if (codec == "hevc" && unit.Length > 2 && (unit[0] >> 1 & 63) < 32) return unit[2] < 0x80;
        }

        return false;
    }

    /// <summary>Reads the last sequence parameter set before the picture: newer than what the container's head says. Null without one.</summary>
    public static SequenceParameters? FindSequence(string codec, ReadOnlySpan<byte> packet)
    {
        SequenceParameters? found = null;
        if (codec is not ("h264" or "hevc")) return null;
        var startCodes = HasStartCodes(packet);
        while (TryTakeUnit(ref packet, startCodes, out var unit))
        {
            if (unit.IsEmpty) continue;
            var type = codec == "h264" ? unit[0] & 31 : unit[0] >> 1 & 63;
            if (codec == "h264" ? type is >= 1 and <= 5 : type < 32) break;
            if (codec == "h264" && type == 7) found = H264.FromSps(unit) ?? found;
            if (codec == "hevc" && type == Hevc.SpsType) found = Hevc.FromSps(unit) ?? found;
        }

        return found;
    }

    // No unit is a single byte long: a length of 1 is a start code. One of three bytes cannot be told from a length of 256 and more.
    private static bool HasStartCodes(ReadOnlySpan<byte> packet) => packet is [0, 0, 0, 1, ..];

    private static bool TryTakeUnit(ref ReadOnlySpan<byte> packet, bool startCodes, out ReadOnlySpan<byte> unit)
    {
        unit = default;
        if (packet.Length < 5) return false;
        if (startCodes) return TryTakeAfterStartCode(ref packet, out unit);
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
