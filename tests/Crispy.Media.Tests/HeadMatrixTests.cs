using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>The head of every container and codec that the machine's ffmpeg can write, judged by its ffprobe.</summary>
public sealed class HeadMatrixTests(ITestOutputHelper output)
{
    // What is read of an object: as little as possible, then all that may be read.
    private const int FirstBytes = 16 * 1024;
    private const int MostBytes = 60 * 1024;

    private static readonly (string Container, string[] Codecs)[] Pairs =
    [
        ("mkv", ["h264", "hevc", "vp8", "vp9", "av1", "mjpeg", "mpeg4", "mpeg2video"]),
        ("webm", ["vp8", "vp9", "av1"]),
        ("mp4", ["h264", "hevc", "vp9", "av1", "mjpeg", "mpeg4", "mpeg2video"]),
        ("fmp4", ["h264", "hevc", "vp9", "av1", "mjpeg", "mpeg4", "mpeg2video"]),
        ("mov", ["h264", "hevc", "mjpeg", "mpeg4"]),
        ("ts", ["h264", "hevc", "mpeg4", "mpeg2video"]),
    ];

    public static TheoryData<string, string, bool> Clips
    {
        get
        {
            var clips = new TheoryData<string, string, bool>();
            foreach (var (container, codecs) in Pairs)
            {
                foreach (var codec in codecs)
                {
                    clips.Add(container, codec, false);
                    if (codec is "h264" or "hevc" or "av1" or "mjpeg") clips.Add(container, codec, true);
                }
            }

            return clips;
        }
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task The_head_of_each_codec_in_each_container_says_what_ffprobe_says(string container, string codec, bool grey)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(codec), $"this ffmpeg has no encoder for {codec}");
        using var folder = new TempFolder();
        var path = await CreateAsync(folder, container, codec, grey);
        var judge = (await Ffprobe.StreamsAsync(path)).First(stream => stream.Type == "video");
        var (head, bytesRead) = ReadLikeAnObject(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        PixelFormat.Assert(judge, head!.Video, grey, mayBeUnknown: codec is "vp9" or "mpeg2video");
        Assert.InRange(bytesRead, 1, MostBytes);
    }

    /// <summary>A fixed seed gives the same mutations each time; another one by the environment looks for more.</summary>
    [Theory]
    [InlineData("mkv", "h264")]
    [InlineData("mkv", "mjpeg")]
    [InlineData("webm", "vp9")]
    [InlineData("mp4", "hevc")]
    [InlineData("fmp4", "av1")]
    [InlineData("mov", "mpeg4")]
    [InlineData("ts", "h264")]
    [InlineData("ts", "hevc")]
    public async Task A_damaged_head_never_throws_nor_asks_for_much_memory_and_what_it_says_is_a_picture(string container, string codec)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(codec), $"this ffmpeg has no encoder for {codec}");
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CRISPY_FUZZ_SEED"), out var given) ? given : 20261122;
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("CRISPY_FUZZ_ROUNDS"), out var more) ? more : 3000;
        output.WriteLine($"CRISPY_FUZZ_SEED={seed}");
        using var folder = new TempFolder();
        var whole = await File.ReadAllBytesAsync(await CreateAsync(folder, container, codec, grey: false),
            TestContext.Current.CancellationToken);
        var random = new Random(seed);
        HeadReader.Read(whole.AsSpan(0, Math.Min(whole.Length, MostBytes)));
        for (var round = 0; round < rounds; round++)
        {
            var head = Mutate(whole, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reading = HeadReader.Read(head);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 * MostBytes,
                $"round {round} took more memory than the head could fill");
            Assert.Equal(reading.Status == HeadStatus.Complete, reading.Head is not null);
            if (reading.Status == HeadStatus.NeedsTail)
            {
                Assert.True(reading.TailOffset > 0, $"round {round}");
                reading = HeadReader.ReadTail(head, Mutate(whole[(int)Math.Min(reading.TailOffset, whole.Length)..], random));
            }

            if (reading.Head is not { } media) continue;
            Assert.InRange(media.Video.Width, 1, 65535);
            Assert.InRange(media.Video.Height, 1, 65535);
            Assert.Contains(media.Video.Channels, (int[])[1, 3]);
            Assert.InRange(media.Video.Codec.Length, 1, 64);
        }
    }

    [Fact]
    public void Garbage_is_no_video_no_matter_what_it_begins_with()
    {
        var random = new Random(20261122);
        byte[][] beginnings = [[], [0x1A, 0x45, 0xDF, 0xA3], [0, 0, 0, 24, .. "ftypisom"u8], [0, 0, 0, 1, .. "moov"u8],
            [0x47, 0x40, 0, 0x10], [0xFF, 0xD8, 0xFF]];
        foreach (var beginning in beginnings)
        {
            for (var round = 0; round < 500; round++)
            {
                var bytes = new byte[random.Next(MostBytes)];
                random.NextBytes(bytes);
                Assert.False(HeadReader.TryRead([.. beginning, .. bytes], out _), $"round {round} behind {Convert.ToHexString(beginning)}");
            }
        }
    }

    private static (MediaHead? Head, int BytesRead) ReadLikeAnObject(byte[] whole)
    {
        var read = Math.Min(FirstBytes, whole.Length);
        var reading = HeadReader.Read(whole.AsSpan(0, read));
        if (reading.Status == HeadStatus.NeedsMore)
        {
            read = Math.Min(MostBytes, whole.Length);
            reading = HeadReader.Read(whole.AsSpan(0, read));
        }

        if (reading.Status != HeadStatus.NeedsTail) return (reading.Head, read);
        var tail = whole.AsSpan((int)reading.TailOffset);
        return (HeadReader.ReadTail(whole.AsSpan(0, read), tail).Head, read + tail.Length);
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        var head = whole.AsSpan(0,
            random.Next(3) == 0 ? random.Next(Math.Min(whole.Length, MostBytes)) : Math.Min(whole.Length, FirstBytes)).ToArray();
        if (head.Length == 0) return head;

        // Most of what steers a reader is in the first kilobytes.
        int Place() => random.Next(2) == 0 ? random.Next(Math.Min(head.Length, 2048)) : random.Next(head.Length);
        for (var change = random.Next(1, 12); change > 0; change--)
        {
            var at = Place();
            switch (random.Next(5))
            {
                case 0: head[at] = (byte)random.Next(256); break;
                case 1: head[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: head.AsSpan(at, Math.Min(4, head.Length - at)).Fill((byte)(random.Next(2) == 0 ? 0xFF : 0)); break;
                case 3: random.NextBytes(head.AsSpan(at, Math.Min(random.Next(64), head.Length - at))); break;
                default: head.AsSpan(at, Math.Min(random.Next(256), head.Length - Math.Max(at, 0))).ToArray()
                    .CopyTo(head, Math.Max(0, at - random.Next(at + 1))); break;
            }
        }

        return head;
    }

    private static Task<string> CreateAsync(TempFolder folder, string container, string codec, bool grey) => grey && codec == "mjpeg"
        ? TestVideo.CreateGreyJpegAsync(folder[$"clip.{(container == "fmp4" ? "mp4" : container)}"], 320, 184, 8,
            container == "fmp4" ? ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"] : [])
        : ChunkReaderTests.CreateAsync(folder, container,
            new() { Codec = codec, Grey = grey, Size = "322x182", Seconds = 0.6, Fps = "10",
                Audio = container == "webm" ? "none" : "aac" });
}
