namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>The association and the map of one programme (ISO/IEC 13818-1, 2.4.4).</summary>
internal sealed class TsTables
{
    private readonly byte[] _association;
    private readonly byte[] _map;

    /// <summary>Tables of a video and perhaps an audio stream.</summary>
    public TsTables(TsCodec video, TsCodec? audio)
    {
        _association = Section(0x00, new ByteBuilder().UInt16(1).UInt16(0xE000 | TsPackets.MapPid));
        var map = new ByteBuilder().UInt16(0xE000 | TsPackets.VideoPid).UInt16(0xF000);
        video.AddTo(map, TsPackets.VideoPid);
        audio?.AddTo(map, TsPackets.AudioPid);
        _map = Section(0x02, map);
    }

    /// <summary>Writes both.</summary>
    public void Write(TsPackets packets)
    {
        packets.WriteSection(0, _association);
        packets.WriteSection(TsPackets.MapPid, _map);
    }

    // Table, length, stream or programme 1, version 0 that is in force, section 0 of 0, content, checksum.
    private static byte[] Section(int table, ByteBuilder content)
    {
        var bytes = new ByteBuilder().Byte(table).UInt16(0xB000 | 5 + content.Length + 4).UInt16(1).Byte(0xC1)
            .UInt16(0).Bytes(content.Written);
        return bytes.UInt32(Checksum(bytes.Written)).Written.ToArray();
    }

    // Annex A: CRC-32 with the most significant bit first, which no library here has.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= (uint)value << 24;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 0x8000_0000) != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1;
        }

        return sum;
    }
}
