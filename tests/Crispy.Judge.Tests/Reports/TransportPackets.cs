namespace Crispy.Judge.Tests.Reports;

/// <summary>Writes packets of MPEG-TS (ISO 13818-1): one programme with one video.</summary>
internal sealed class TransportPackets(Stream output)
{
    private const int Program = 256;
    private const int Size = 188;

    private readonly Dictionary<int, int> _counters = [];

    /// <summary>PAT and PMT.</summary>
    public void WriteTables(int pid, byte streamType)
    {
        WriteTable(0, [0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE0 | Program >> 8, Program & 0xFF]);
        WriteTable(Program,
            [2, 0xB0, 18, 0, 1, 0xC1, 0, 0, (byte)(0xE0 | pid >> 8), (byte)pid, 0xF0, 0, streamType,
                (byte)(0xE0 | pid >> 8), (byte)pid, 0xF0, 0]);
    }

    /// <summary>One PES packet without a length.</summary>
    public void WriteVideo(int pid, long pts, byte[] data)
    {
        var clock = pts - 9000;
        byte[] stamp = [(byte)(0x21 | pts >> 29 & 14), (byte)(pts >> 22), (byte)(pts >> 14 | 1), (byte)(pts >> 7), (byte)(pts << 1 | 1)];
        byte[] reference =
            [0x50, (byte)(clock >> 25), (byte)(clock >> 17), (byte)(clock >> 9), (byte)(clock >> 1), (byte)((clock & 1) << 7 | 0x7E), 0];
        Write(pid, [0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, .. stamp, .. data], reference);
    }

    private void WriteTable(int pid, byte[] section)
    {
        var check = 0xFFFFFFFF;
        foreach (var value in section)
        {
            check ^= (uint)value << 24;
            for (var bit = 0; bit < 8; bit++) check = check << 1 ^ ((check & 0x80000000) != 0 ? 0x04C11DB7u : 0);
        }
        byte[] whole = [0, .. section, (byte)(check >> 24), (byte)(check >> 16), (byte)(check >> 8), (byte)check];
        Write(pid, [.. whole, .. Enumerable.Repeat((byte)0xFF, Size - 4 - whole.Length)], []);
    }

    private void Write(int pid, ReadOnlySpan<byte> data, byte[] adaptation)
    {
        for (var isFirst = true; data.Length > 0; isFirst = false)
        {
            var field = isFirst ? adaptation : [];
            var room = Size - 4 - (field.Length > 0 ? field.Length + 1 : 0);
            if (data.Length < room)
            {
                var length = Size - 4 - 1 - data.Length;
                if (field.Length == 0 && length > 0) field = [0];
                field = [.. field, .. Enumerable.Repeat((byte)0xFF, length - field.Length)];
                room = data.Length;
            }
            var hasField = room < Size - 4;
            _counters[pid] = (_counters.GetValueOrDefault(pid, -1) + 1) % 16;
            output.Write([0x47, (byte)((isFirst ? 0x40 : 0) | pid >> 8), (byte)pid, (byte)((hasField ? 0x30 : 0x10) | _counters[pid])]);
            if (hasField) output.Write([(byte)field.Length, .. field]);
            output.Write(data[..room]);
            data = data[room..];
        }
    }
}
