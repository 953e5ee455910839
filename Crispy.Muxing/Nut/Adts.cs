namespace Crispy.Muxing.Nut;

/// <summary>AAC as transport streams carry it (ISO/IEC 13818-7, 6.2). A header of 7 bytes, or 9 with a checksum, stands before each frame,
/// in place of a configuration.</summary>
internal static class Adts
{
    /// <summary>Whether the packet begins with a header.</summary>
    public static bool Begins(ReadOnlySpan<byte> packet) => packet.Length > 7 && packet[0] == 0xFF && (packet[1] & 0xF6) == 0xF0;

    /// <summary>The frame behind the header.</summary>
    public static ReadOnlySpan<byte> Frame(ReadOnlySpan<byte> packet) => packet[Math.Min(packet.Length, (packet[1] & 1) != 0 ? 7 : 9)..];

    /// <summary>The AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) that says what the header does.</summary>
    public static byte[] Configuration(ReadOnlySpan<byte> packet)
    {
        var objectType = (packet[2] >> 6) + 1;
        var rate = packet[2] >> 2 & 15;
        var channels = (packet[2] & 1) << 2 | packet[3] >> 6;
        return [(byte)(objectType << 3 | rate >> 1), (byte)((rate & 1) << 7 | channels << 3)];
    }
}
