using System.Buffers.Binary;

namespace Crispy.Media.Tests;

/// <summary>Files of any size whose shape asks as much work of a reader as it can.</summary>
internal static class HostileBytes
{
    private static readonly byte[] Sps = [0x67, 0x42, 0xC0, 0x0A, 0xDA, 0x0F, 0x16, 0x94];

    public static readonly IReadOnlyDictionary<string, Func<int, byte[]>> Shapes = new Dictionary<string, Func<int, byte[]>>
    {
        ["ts: one endless frame of start codes"] = size => Ts(size, (_, i) => (i == 0, [0, 0, 1, 9])),
        ["ts: one endless frame of zeros"] = size => Ts(size, (_, i) => (i == 0, [0])),
        ["ts: one endless frame of empty parameter sets"] = size => Ts(size, (_, i) => (i == 0, [0, 0, 1, 0x67])),
        ["ts: a frame in each packet"] = size => Ts(size, (_, _) => (true, [0, 0, 1, 0x67, 0, 0, 3])),
        ["ts: frames of a few packets without parameter sets"] = size => Ts(size, (_, i) => (i % 23 == 0, [0, 0, 1, 0x41])),
        ["ts: emulation prevention in each parameter set"] = size => Ts(size, (_, i) => (i % 23 == 0, [0, 0, 1, 0x67, 100, 0, 0, 3, 0, 0,
            3, 0, 0, 3, 0])),
        ["ts: a programme association in each packet"] = size => TsTables(size, 0, [0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 0, 0xE1, 0, 0, 0, 0,
            0]),
        ["ts: a map without video in each packet"] = size => TsTables(size, 256, [2, 0xB0, 18, 0, 1, 0xC1, 0, 0, 0xE1, 1, 0xF0, 0, 6,
            0xE1, 1, 0xF0, 0, 0, 0, 0, 0]),
        ["ts: tables that never end"] = size => TsTables(size, 256, [2, 0xBF, 0xFF, 0, 1, 0xC1, 0, 0, 0xE1, 1, 0xF0, 0]),
        ["ts: lost synchronisation"] = size => [.. Pat, .. Pmt, .. Repeat(size, [0x48])],
        ["ts: false synchronisation"] = size => [.. Pat, .. Pmt, .. Repeat(size, [0x47, 0x41, 1, 0x10])],
        ["mkv: empty elements"] = size => [.. MkvHead(), .. Repeat(size, [0xEC, 0x80])],
        ["mkv: segments in segments"] = size => [.. MkvHead(), .. Repeat(size, [0x18, 0x53, 0x80, 0x67, 0xFF])],
        ["mkv: clusters in clusters"] = size => [.. MkvHead(), .. Repeat(size, [0x1F, 0x43, 0xB6, 0x75, 0xFF])],
        ["mkv: tracks"] = size => [.. MkvHead(), 0x16, 0x54, 0xAE, 0x6B, 0xFF, .. Repeat(size, [0xAE, 0x83, 0x83, 0x81, 2])],
        ["mkv: one track of many private data"] = size => [.. MkvHead(), 0xAE, 0x08, .. Number(size, 4)[1..], .. Repeat(size, [0x63, 0xA2,
            0x84, 0, 0, 0, 1])],
        ["mkv: frames at one time"] = size => [.. MkvHead(), .. Cluster, .. Repeat(size, [0xA3, 0x85, 0x81, 0, 0, 0, 0])],
        ["mkv: slices with start codes"] = size => [.. MkvHead(), .. Cluster, .. Repeat(size, [0xA3, 0x50, 0, 0x81, 0, 0, 0,
            .. Repeat(4092, [0, 0, 0, 1, 6])])],
        ["mkv: slices of empty units"] = size => [.. MkvHead(), .. Cluster, .. Repeat(size, [0xA3, 0x50, 0, 0x81, 0, 0, 0, .. Repeat(4092,
            [0])])],
        ["mkv: parameter sets in frames"] = size => [.. MkvHead(), .. Cluster, .. Repeat(size, [0xA3, 0x50, 0, 0x81, 0, 0, 0,
            .. Repeat(4092, [0, 0, 0, 8, .. Sps])])],
        ["mkv: laces"] = size => [.. MkvHead(), .. Cluster, .. Repeat(size, [0xA3, 0x85, 0x81, 0, 1, 4, 255])],
        ["mkv: one group of many blocks"] = size => [.. MkvHead(), .. Cluster, 0xA0, 0x08, .. Number(size, 4)[1..], .. Repeat(size, [0xA1,
            0x85, 0x81, 0, 1, 0, 0])],
        ["mkv: cues"] = size => [.. MkvHead(), 0x1C, 0x53, 0xBB, 0x6B, 0x08, .. Number(size, 4)[1..], .. Repeat(size, [0xBB, 0x82, 0xB3,
            0x80])],
        ["mkv: pictures that do not say what they are like"] = size => [.. MkvHead("V_MJPEG"), .. Cluster, .. Repeat(size, [0xA3, 0x50, 0,
            0x81, 0, 0, 0, 0xFF, 0xD8, .. Repeat(4090, [0xFF])])],
        ["mkv: pictures of start codes"] = size => [.. MkvHead("V_MPEG2"), .. Cluster, .. Repeat(size, [0xA3, 0x50, 0, 0x81, 0, 0, 0,
            .. Repeat(4092, [0, 0, 1, 0xB5, 0x20])])],
        ["mp4: empty boxes"] = size => [.. Ftyp, .. Repeat(size, [0, 0, 0, 8, .. "free"u8])],
        ["mp4: empty media data"] = size => [.. Ftyp, .. Repeat(size, [0, 0, 0, 8, .. "mdat"u8])],
        ["mp4: boxes in boxes"] = size => [.. Ftyp, .. Enumerable.Range(0, size / 8).SelectMany(i => (byte[])[.. Number(size - i * 8, 4),
            .. "moov"u8])],
        ["mp4: tracks"] = size => [.. Ftyp, .. Box("moov", Repeat(size, [0, 0, 0, 8, .. "trak"u8]))],
        ["mp4: sample descriptions"] = size => [.. Ftyp, .. Movie(Repeat(size, Box("stsd", Number(0, 4), Number(1, 4), Repeat(1000, [0, 0,
            0, 8, 65, 66, 67, 68]))))],
        ["mp4: parameter sets in a configuration"] = size => [.. Ftyp, .. Movie(Repeat(size, Description(60_000)))],
        ["mp4: edits"] = size => [.. Ftyp, .. Box("moov", Box("trak", Box("edts", Table("elst", size, 12, [0, 0, 0, 1, 255, 255, 255, 255,
            0, 1, 0, 0]))))],
        ["mp4: durations"] = size => Tables(size, "stts", 8, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]),
        ["mp4: durations of no sample"] = size => Tables(size, "stts", 8, [0, 0, 0, 0, 0, 0, 0, 1]),
        ["mp4: presentation offsets"] = size => Tables(size, "ctts", 8, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]),
        ["mp4: sync samples"] = size => [.. Ftyp, .. Movie(Description(0), Box("stss", [.. Number(0, 4), .. Number(size / 4, 4),
            .. Enumerable.Range(1, size / 4).SelectMany(i => Number(i, 4))]))],
        ["mp4: sample sizes"] = size => [.. Ftyp, .. Movie(Description(0), Box("stsz", Number(0, 4), Number(0, 4), Number(size / 4, 4),
            Repeat(size, [0, 0, 0, 1])))],
        ["mp4: offsets"] = size => Tables(size, "stco", 4, [0, 0, 0, 1]),
        ["mp4: segment index"] = size => [.. Ftyp, .. Box("sidx", Repeat(size, [1, 0, 0, 0]))],
        ["mp4: empty fragments"] = size => [.. Ftyp, .. Fragmented, .. Repeat(size, Box("moof", Box("traf")))],
        ["mp4: fragments of runs"] = size => [.. Ftyp, .. Fragmented, .. Repeat(size, Box("moof", Box("traf", Box("tfhd", Number(0, 4),
            Number(1, 4)), Box("trun", Number(0, 4), Number(-1, 4)))))],
        ["mp4: one run of all samples"] = size => [.. Ftyp, .. Fragmented, .. Box("moof", Box("traf", Box("tfhd", Number(0, 4), Number(1,
            4)), Box("trun", Number(0x900, 4), Number(size / 8, 4), Repeat(size, [0, 0, 0, 9, 0, 0, 0, 1]))))],
        ["mp4: fragment headers of many tracks"] = size => [.. Ftyp, .. Box("moov", Repeat(60 * 8, [0, 0, 0, 8, .. "trak"u8])),
            .. Box("moof", Box("traf", Repeat(size, Box("tfhd", Number(0, 4), Number(1, 4)))))],
    };

    private static byte[] Pat => Packet(0, true, 0, [0, 0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE1, 0, 0, 0, 0, 0]);
    private static byte[] Pmt => Packet(256, true, 0, [0, 2, 0xB0, 18, 0, 1, 0xC1, 0, 0, 0xE1, 1, 0xF0, 0, 0x1B, 0xE1, 1, 0xF0, 0, 0, 0,
        0, 0]);
    private static byte[] Ftyp => Box("ftyp", "isom"u8.ToArray(), Number(0, 4));
    private static byte[] Fragmented => [.. Movie(Description(0))];
    private static byte[] Cluster => [0x1F, 0x43, 0xB6, 0x75, 0xFF, 0xE7, 0x81, 0];

    public static byte[] Box(string type, params byte[][] content)
    {
        var inner = content.SelectMany(bytes => bytes).ToArray();
        return [.. Number(8 + inner.Length, 4), .. System.Text.Encoding.ASCII.GetBytes(type), .. inner];
    }

    public static byte[] Number(long value, int bytes)
    {
        var eight = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(eight, value);
        return bytes <= 8 ? eight[(8 - bytes)..] : [.. new byte[bytes - 8], .. eight];
    }

    private static byte[] Repeat(int size, byte[] pattern) => [.. Enumerable.Repeat(pattern, Math.Max(1,
        size / pattern.Length)).SelectMany(bytes => bytes)];

    private static byte[] Ts(int size, Func<int, int, (bool Starts, byte[] Pattern)> packet)
    {
        var bytes = new List<byte>([.. Pat, .. Pmt]);
        for (var i = 0; i < size / 188; i++)
        {
            var (starts, pattern) = packet(size, i);
            byte[] header = starts ? [0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, (byte)(i >> 7), (byte)(i << 1 | 1), 0, 1] : [];
            bytes.AddRange(Packet(257, starts, i, [.. header, .. Repeat(184 - header.Length, pattern)]));
        }
        return [.. bytes];
    }

    private static byte[] TsTables(int size, int pid, byte[] section) =>
        [.. pid == 0 ? [] : Pat, .. Enumerable.Range(0, size / 188).SelectMany(i => Packet(pid, true, i, [0, .. section]))];

    private static byte[] Packet(int pid, bool starts, int counter, byte[] payload)
    {
        var packet = Enumerable.Repeat((byte)0xFF, 188).ToArray();
        (packet[0], packet[1], packet[2], packet[3]) = (0x47, (byte)((starts ? 0x40 : 0) | pid >> 8), (byte)pid,
            (byte)(0x10 | counter & 15));
        payload.CopyTo(packet, 4);
        return packet;
    }

    private static byte[] MkvHead(string codec = "V_MPEG4/ISO/AVC")
    {
        byte[] entry = [0xD7, 0x81, 1, 0x83, 0x81, 1, 0x86, (byte)(0x80 | codec.Length), .. System.Text.Encoding.ASCII.GetBytes(codec),
            0xE0, 0x86, 0xB0, 0x81, 64, 0xBA, 0x81, 48];
        return [0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xFF, 0x16, 0x54, 0xAE, 0x6B, 0xFF, 0xAE,
            (byte)(0x80 | entry.Length), .. entry];
    }

    // A movie of one H.264 track of 64x48, with these boxes in its sample table.
    private static byte[] Movie(params byte[][] table) => Box("moov", Box("trak",
        Box("tkhd", Number(0, 4), Number(0, 8), Number(1, 4)), Box("mdia", Box("mdhd", Number(0, 12), Number(90_000, 4)),
        Box("hdlr", Number(0, 8), "vide"u8.ToArray()), Box("minf", Box("stbl", table)))));

    private static byte[] Description(int sets)
    {
        var entry = new byte[78];
        (entry[25], entry[27]) = (64, 48);
        byte[] record = [1, 66, 0xC0, 10, 0xFF, 0xFF, .. Repeat(Math.Max(sets, 10), [0, 8, .. Sps])];
        return Box("stsd", Number(0, 4), Number(1, 4), Box("avc1", entry, Box("avcC", record)));
    }

    private static byte[] Tables(int size, string type, int entry, byte[] pattern) =>
        [.. Ftyp, .. Movie(Description(0), Table(type, size, entry, pattern), Box("stsz", Number(0, 4), Number(1, 4), Number(size / entry,
            4)))];

    private static byte[] Table(string type, int size, int entry, byte[] pattern) => Box(type, Number(0, 4), Number(size / entry, 4),
        Repeat(size, pattern));
}
