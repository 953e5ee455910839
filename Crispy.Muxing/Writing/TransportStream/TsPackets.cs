using Crispy.Media.Containers;

namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>Packets of 188 bytes (ISO/IEC 13818-1, 2.4.3) of one programme.</summary>
internal sealed class TsPackets(ChunkFile file)
{
    /// <summary>Where the programme's map is.</summary>
    public const int MapPid = 0x1000;

    /// <summary>Where the video is.</summary>
    public const int VideoPid = 0x100;

    /// <summary>Where the audio is.</summary>
    public const int AudioPid = 0x101;

    private const int Size = TransportStreamReader.PacketSize;
    private const int Header = 4;
    private const int ClockField = 8;
    private const int FlagsField = 2;

    private readonly byte[] _packet = new byte[Size];
    private readonly byte[] _counters = new byte[MapPid + 1];

    /// <summary>Writes a table's section.</summary>
    public void WriteSection(int pid, ReadOnlySpan<byte> section)
    {
        BeginPacket(pid, starts: true, adaptation: false);
        var content = _packet.AsSpan(Header);
        content.Fill(0xFF);
        content[0] = 0;
        section.CopyTo(content[1..]);
        file.Write(_packet);
    }

    /// <summary>Writes a packet of an elementary stream.</summary>
    /// <param name="pid">Of the stream.</param>
    /// <param name="content">The packet, its header included.</param>
    /// <param name="clock">The programme's clock in 90 kHz; null where the packet does not tell it.</param>
    /// <param name="randomAccess">Whether decoding can start here.</param>
    public void Write(int pid, ReadOnlySpan<byte> content, long? clock, bool randomAccess)
    {
        for (var starts = true; content.Length > 0; starts = false)
        {
            var adaptation = !starts ? 0 : clock is not null ? ClockField : randomAccess ? FlagsField : 0;
            var taken = Math.Min(Size - Header - adaptation, content.Length);
            adaptation = Size - Header - taken;
            BeginPacket(pid, starts, adaptation > 0);
            if (adaptation > 0) AddAdaptation(_packet.AsSpan(Header, adaptation), starts ? clock : null, starts && randomAccess);
            content[..taken].CopyTo(_packet.AsSpan(Header + adaptation));
            content = content[taken..];
            file.Write(_packet);
        }
    }

    private void BeginPacket(int pid, bool starts, bool adaptation)
    {
        _packet[0] = 0x47;
        _packet[1] = (byte)((starts ? 0x40 : 0) | pid >> 8);
        _packet[2] = (byte)pid;
        _packet[3] = (byte)((adaptation ? 0x30 : 0x10) | _counters[pid]++ & 15);
    }

    // Its length, flags, the clock (33 bits, 6 reserved, 9 of 27 MHz), stuffing.
    private static void AddAdaptation(Span<byte> field, long? clock, bool randomAccess)
    {
        field.Fill(0xFF);
        field[0] = (byte)(field.Length - 1);
        if (field.Length < FlagsField) return;
        field[1] = (byte)((randomAccess ? 0x40 : 0) | (clock is null ? 0 : 0x10));
        if (clock is not { } time) return;
        field[2] = (byte)(time >> 25);
        field[3] = (byte)(time >> 17);
        field[4] = (byte)(time >> 9);
        field[5] = (byte)(time >> 1);
        field[6] = (byte)(time << 7 | 0x7E);
        field[7] = 0;
    }
}
