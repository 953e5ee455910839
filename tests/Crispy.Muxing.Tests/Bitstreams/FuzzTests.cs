using System.Globalization;
using Crispy.Media.Codecs;
using Crispy.Muxing.Bitstreams;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>Damaged packets of real streams. A fixed seed gives the same damage each time; another one by the environment looks for
/// more.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("mp4", "-c:v libx264 -preset veryfast -bf 2 -g 10 -x264-params slices=2:open-gop=1")]
    [InlineData("ts", "-c:v libx264 -preset veryfast -bf 2 -g 10 -flags +ildct+ilme -x264-params tff=1")]
    [InlineData("mkv", "-c:v libx265 -preset ultrafast -bf 2 -g 10 -x265-params log-level=none")]
    [InlineData("ts", "-c:v libx265 -preset ultrafast -bf 2 -g 10 -x265-params log-level=none")]
    [InlineData("ts", "-c:v mpeg2video -bf 2 -g 10")]
    [InlineData("mkv", "-c:v mpeg4 -bf 2 -g 10")]
    [InlineData("mkv", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 10")]
    [InlineData("mp4", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 10")]
    [InlineData("mkv", "-c:v mjpeg")]
    public async Task Damage_never_throws_and_no_picture_is_lost_by_it(string container, string encoder)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder.Split(' ')[1]), $"this ffmpeg has no {encoder.Split(' ')[1]}");
        var seed = Number("CRISPY_FUZZ_SEED", 20261126);
        var rounds = Number("CRISPY_FUZZ_ROUNDS", 40);
        output.WriteLine($"CRISPY_FUZZ_SEED={seed}");
        using var folder = new TempFolder();
        var source = await Demuxed.ReadAsync(await Demuxed.MakeAsync(folder, $"in.{container}", encoder, frames: 30));
        var random = new Random(seed);
        byte[] buffer = [];
        for (var round = 0; round < rounds; round++)
        {
            var bitstream = VideoBitstream.Of(source.Codec, random.Next(3) == 0 ? Damage(source.Extradata, random) : source.Extradata);
            var order = new PresentationOrder();
            var ranks = 0;
            foreach (var packet in source.Packets)
            {
                if (random.Next(20) == 0) bitstream.TakeExtradata(Damage(source.Extradata, random));
                var data = random.Next(2) == 0 ? Damage(packet.Data, random) : packet.Data;
                order.Add(bitstream.Look(data, packet.IsKeyframe));
                while (order.TryTake(out _)) ranks++;
                var record = bitstream.Configuration;
                var prefixed = bitstream.ToLengthPrefixed(data, ref buffer);
                if (source.Codec is "h264" or "hevc" && prefixed != data) Assert.True(NalReader.FitsLengths(prefixed, 4));
                if (source.Codec == "h264" && record.Length > 0) Assert.Equal(4, new H264Record(record).LengthSize);
                if (source.Codec == "hevc" && record.Length > 0) Assert.Equal(4, new HevcRecord(record).LengthSize);
            }

            order.Complete();
            while (order.TryTake(out _)) ranks++;
            Assert.Equal(source.Packets.Count, ranks);
        }
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("hevc")]
    [InlineData("mpeg2video")]
    [InlineData("mpeg4")]
    [InlineData("av1")]
    [InlineData("vp8")]
    [InlineData("vp9")]
    [InlineData("mjpeg")]
    public void Garbage_is_no_picture_of_anything_and_does_no_harm(string codec)
    {
        var random = new Random(20261126);
        byte[] buffer = [];
        byte[][] beginnings =
            [[], [0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 5], [1, 100, 0, 30, 255, 225], [0x81, 0], [0xFF, 0xD8, 0xFF, 0xC0], [0x12, 0, 0x0A]];
        foreach (var beginning in beginnings)
        {
            for (var round = 0; round < 200; round++)
            {
                var bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                if (round % 3 == 0) bytes.AsSpan().Fill((byte)(round % 2 == 0 ? 0xFF : 0));
                byte[] packet = [.. beginning, .. bytes];
                var bitstream = VideoBitstream.Of(codec, round % 2 == 0 ? packet : []);
                bitstream.Look(packet, isKeyframe: true);
                bitstream.ToLengthPrefixed(packet, ref buffer);
                Assert.NotNull(bitstream.Configuration);
            }
        }
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given) ? given : otherwise;

    private static byte[] Damage(byte[] whole, Random random)
    {
        var data = whole.AsSpan(0, random.Next(3) == 0 ? random.Next(whole.Length + 1) : whole.Length).ToArray();
        if (data.Length == 0) return data;

        // Most of what steers a reader is in the first bytes.
        for (var change = random.Next(1, 8); change > 0; change--)
        {
            var at = random.Next(2) == 0 ? random.Next(Math.Min(data.Length, 64)) : random.Next(data.Length);
            switch (random.Next(4))
            {
                case 0: data[at] = (byte)random.Next(256); break;
                case 1: data[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: data.AsSpan(at, Math.Min(4, data.Length - at)).Fill((byte)(random.Next(2) == 0 ? 0xFF : 0)); break;
                default: random.NextBytes(data.AsSpan(at, Math.Min(random.Next(32), data.Length - at))); break;
            }
        }

        return data;
    }
}
