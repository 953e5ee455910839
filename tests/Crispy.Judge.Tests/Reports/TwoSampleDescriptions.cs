using System.Buffers.Binary;

namespace Crispy.Judge.Tests.Reports;

/// <summary>An MP4 whose one track changes its H.264 parameter sets in the middle: two entries in <c>stsd</c>,
/// as some cameras write it. ffmpeg's muxer cannot.</summary>
internal static class TwoSampleDescriptions
{
    private const int Second = 12_800;
    private const int Frame = 512;

    /// <summary>Writes it.</summary>
    /// <param name="path">The MP4.</param>
    /// <param name="first">A bare H.264 stream with access unit delimiters and without B-frames, 25 frames a second.</param>
    /// <param name="second">Another of the same size.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    public static void Write(string path, byte[] first, byte[] second, int width, int height)
    {
        var (a, b) = (new Stream(first), new Stream(second));
        List<(bool IsKey, byte[] Data)> samples = [.. a.Samples, .. b.Samples];
        byte[] matrix = Words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
        var type = Box("ftyp", "isom\0\0\u0002\0isomavc1"u8.ToArray());
        var begin = type.Length + 8;
        var middle = begin + a.Samples.Sum(sample => sample.Data.Length);
        var keys = samples.Index().Where(sample => sample.Item.IsKey).Select(sample => sample.Index + 1).ToArray();
        var table = Box("stbl",
            Full("stsd", 0, Words(2), a.Entry(width, height), b.Entry(width, height)),
            Full("stts", 0, Words(1, samples.Count, Frame)),
            Full("stss", 0, Words([keys.Length, .. keys])),
            Full("stsc", 0, Words(2, 1, a.Samples.Count, 1, 2, b.Samples.Count, 2)),
            Full("stsz", 0, Words([0, samples.Count, .. samples.Select(sample => sample.Data.Length)])),
            Full("stco", 0, Words(2, begin, middle)));
        var media = Box("mdia",
            Full("mdhd", 0, Words(0, 0, Second, samples.Count * Frame, 0x55C4_0000)),
            Full("hdlr", 0, Words(0), "vide"u8.ToArray(), new byte[12], "v\0"u8.ToArray()),
            Box("minf", Full("vmhd", 1, new byte[8]), Box("dinf", Full("dref", 0, Words(1), Full("url ", 1))), table));
        var track = Box("trak",
            Full("tkhd", 3, Words(0, 0, 1, 0, samples.Count * Frame), new byte[16], matrix, Words(width << 16, height << 16)), media);
        var movie = Box("moov",
            Full("mvhd", 0, Words(0, 0, Second, samples.Count * Frame, 0x10000, 0x0100_0000), new byte[8], matrix, new byte[24], Words(2)),
            track);
        File.WriteAllBytes(path, [.. type, .. Box("mdat", [.. samples.SelectMany(sample => sample.Data)]), .. movie]);
    }

    private static byte[] Words(params int[] values)
    {
        var bytes = new byte[values.Length * 4];
        foreach (var (index, value) in values.Index()) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(index * 4), value);
        return bytes;
    }

    private static byte[] Box(string type, params byte[][] parts) =>
        [.. Words(8 + parts.Sum(part => part.Length)), .. type.Select(letter => (byte)letter), .. parts.SelectMany(part => part)];

    private static byte[] Full(string type, int flags, params byte[][] parts) => Box(type, [Words(flags), .. parts]);

    private sealed class Stream
    {
        private readonly byte[] _sequence = [];
        private readonly byte[] _picture = [];

        public Stream(byte[] bytes)
        {
            foreach (var unit in NalUnits.Split(bytes))
            {
                switch (unit[0] & 31)
                {
                    case 9: Samples.Add((false, [])); break;
                    case 7: if (_sequence.Length == 0) _sequence = unit; break;
                    case 8: if (_picture.Length == 0) _picture = unit; break;
                    case 1 or 5 or 6: Samples[^1] =
                        (Samples[^1].IsKey || (unit[0] & 31) == 5, [.. Samples[^1].Data, .. Words(unit.Length), .. unit]); break;
                    default: break;
                }
            }
        }

        public List<(bool IsKey, byte[] Data)> Samples { get; } = [];

        public byte[] Entry(int width, int height) =>
            Box("avc1", new byte[6], [0, 1], new byte[16], [(byte)(width >> 8), (byte)width, (byte)(height >> 8), (byte)height],
            Words(0x480000, 0x480000, 0), [0, 1], new byte[32], [0, 24, 0xFF, 0xFF],
            Box("avcC", [1, .. _sequence[1..4], 0xFF, 0xE1, 0, (byte)_sequence.Length, .. _sequence, 1, 0,
                (byte)_picture.Length, .. _picture]));
    }
}
