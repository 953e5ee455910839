using Crispy.Muxing.Writing;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Writing;

/// <summary>Chunks of real packets in each container.</summary>
public sealed class ChunkWriterTests
{
    public static TheoryData<string, string, int, string> Pictures
    {
        get
        {
            (string Codec, int BFrames, string Fps)[] clips =
            [
                ("h264", 2, "25"), ("h264", 0, "30000/1001"), ("hevc", 3, "30000/1001"), ("av1", 0, "25"), ("vp8", 0, "30"), 
                ("vp9", 0, "30"),
                ("mjpeg", 0, "10"), ("mpeg4", 2, "25"), ("mpeg2video", 2, "25"),
            ];
            var pictures = new TheoryData<string, string, int, string>();
            foreach (var container in Containers)
            {
                foreach (var (codec, bFrames, fps) in clips)
                {
                    if (ChunkWriters.HoldsVideo(container, codec)) pictures.Add(container, codec, bFrames, fps);
                }
            }

            return pictures;
        }
    }

    private static readonly string[] Containers = ["mkv", "mp4", "ts"];

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task Pictures_and_times_are_the_sources(string container, string codec, int bFrames, string fps)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Codec = codec, BFrames = bFrames, Fps = fps, Gop = 20,
            Seconds = 3 }));
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"], samePackets: container != "ts");
    }

    [Theory]
    [MemberData(nameof(Sounds))]
    public async Task Sound_is_kept_as_it_is(string container, string codec, string encoder)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Gop = 15 }), await SoundAsync(folder, codec, encoder));
        Assert.Equal(codec, source.Audio!.Codec);
        Assert.True(ChunkWriters.HoldsAudio(container, codec));
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"], samePackets: container != "ts");
        Assert.Equal(codec, (await Ffprobe.StreamsAsync(folder["chunk"])).Single(stream => stream.Type == "audio").Codec);
    }

    [Theory]
    [InlineData("mpeg1video", "yuv420p", "mpeg1video", "-bf", "2")]
    [InlineData("ffv1", "yuv420p", "ffv1", "-level", "3")]
    [InlineData("theora", "yuv420p", "libtheora", "-q:v", "5")]
    [InlineData("prores", "yuv422p10le", "prores_ks", "-profile:v", "2")]
    [InlineData("dnxhd", "yuv422p", "dnxhd", "-profile:v", "dnxhr_hq")]
    [InlineData("huffyuv", "yuv422p", "huffyuv", "-g", "1")]
    public async Task Matroska_holds_codecs_of_the_studio(string codec, string pixels, string encoder, string option, string value)
    {
        using var folder = new TempFolder();
        var path = folder[codec is "huffyuv" or "dnxhd" ? "source.mov" : "source.nut"];
        await Command.RunAsync("ffmpeg", "-v", "error", "-y", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=320x192:rate=25:duration=1",
            "-pix_fmt", pixels, "-c:v", encoder, option, value, path);
        var source = await TestSource.ReadAsync(path);
        Assert.Equal(codec, source.Video.Codec);
        source.Write("mkv", folder["chunk"]);
        await ChunkJudge.AssertAsync(source, "mkv", folder["chunk"]);
        Assert.Equal(codec, (await Ffprobe.StreamsAsync(folder["chunk"])).Single().Codec);
    }

    [Theory]
    [InlineData("mkv", 0, 0.31)]
    [InlineData("mp4", 0, 0.31)]
    [InlineData("mkv", 0.5, 0)]
    [InlineData("mp4", 0.5, 0)]
    [InlineData("ts", 0, 0.31)]
    [InlineData("ts", 0.5, 0)]
    public async Task Sound_may_begin_elsewhere(string container, double videoSeconds, double audioSeconds)
    {
        using var folder = new TempFolder();
        var source = (await TestSource.ReadAsync(await VideoAsync(folder, new() { Gop = 15, BFrames = 2, Seconds = 3 }),
            await SoundAsync(folder, "aac", "aac")))
            .Shift(videoSeconds, audioSeconds);
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"], samePackets: container != "ts");
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task A_step_of_ten_seconds_and_an_uneven_end_are_kept(string container)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Gop = 10, Seconds = 2 }), await SoundAsync(folder, "aac",
            "aac"));
        var tick = source.Video.Tick;
        long Uneven(TestPacket packet, int index) => packet.Time
            + tick.From(TimeSpan.FromSeconds(index >= 35 ? 10 : 0)) + tick.From(TimeSpan.FromMilliseconds(index % 3 == 0 ? 0 : 7));
        var packets = source.VideoPackets.Select((packet, index) => packet with { Time = Uneven(packet, index) }).ToList();
        packets[^1] = packets[^1] with { Duration = tick.From(TimeSpan.FromSeconds(1.25)) };
        source = source with { VideoPackets = packets, Video = source.Video with { FrameNanoseconds = 0 } };
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"], samePackets: container != "ts");
    }

    [Theory]
    [InlineData("mkv", "h264")]
    [InlineData("mp4", "h264")]
    [InlineData("mkv", "mjpeg")]
    [InlineData("mp4", "mjpeg")]
    public async Task A_chunk_of_one_picture_lasts_as_long_as_it_does(string container, string codec)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Codec = codec, Fps = "1", Seconds = 1 }));
        source = source
            with { VideoPackets = [source.VideoPackets[0] with { Duration = source.Video.Tick.From(TimeSpan.FromSeconds(3.5)) }] };
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"], samePackets: container != "ts");
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task A_chunk_that_was_never_completed_is_read_to_where_it_ends(string container)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Gop = 15, BFrames = 2 }), await SoundAsync(folder, "aac",
            "aac"));
        source.Write(container, folder["chunk"], complete: false);
        Assert.Equal(source.VideoPackets.Count, (await Ffprobe.PacketsAsync(folder["chunk"])).Count);
        await ChunkJudge.AssertDecodesAsync(folder["chunk"]);
        Assert.Equal(await ChunkJudge.PicturesAsync(source.VideoPath), await ChunkJudge.PicturesAsync(folder["chunk"]));
    }

    [Theory]
    [InlineData("mkv", 16, 11)]
    [InlineData("mkv", 12, 11)]
    [InlineData("mp4", 12, 11)]
    public async Task Pixels_that_are_not_square_stay_so(string container, int width, int height)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Codec = "mpeg4", Seconds = 0.5 }));
        source = source with { Video = source.Video with { PixelWidth = width, PixelHeight = height } };
        source.Write(container, folder["chunk"]);
        var root = await Ffprobe.JsonAsync(folder["chunk"], "-show_streams");
        Assert.Equal($"{width}:{height}", root.GetProperty("streams")[0].GetProperty("sample_aspect_ratio").GetString());
    }

    [Theory]
    [InlineData("mkv", 90, -90)]
    [InlineData("mkv", 180, 180)]
    [InlineData("mkv", 270, 90)]
    [InlineData("mp4", 90, -90)]
    [InlineData("mp4", 180, 180)]
    [InlineData("mp4", 270, 90)]
    public async Task A_turned_picture_stays_turned(string container, int clockwise, int displayed)
    {
        var version = await Command.RunAsync("ffprobe", "-version");
        Assert.SkipWhen(container == "mkv" && version.StartsWith("ffprobe version 5", StringComparison.Ordinal),
            "this ffprobe does not read it");
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Seconds = 0.5 }));
        source = source with { Video = source.Video with { Rotation = clockwise } };
        source.Write(container, folder["chunk"]);
        var stream = (await Ffprobe.JsonAsync(folder["chunk"], "-show_streams")).GetProperty("streams")[0];
        var rotation = stream.GetProperty("side_data_list")[0].GetProperty("rotation").GetInt32();
        Assert.Equal(displayed, rotation == -180 ? 180 : rotation);
    }

    [Theory]
    [InlineData("mkv", "h264", "pcm_bluray", false)]
    [InlineData("mkv", "h264", "pcm_s8", false)]
    [InlineData("mkv", "rawvideo", "aac", true)]
    [InlineData("mkv", "h264", "aac", true)]
    [InlineData("mp4", "h264", "pcm_s16le", false)]
    [InlineData("mp4", "ffv1", "aac", true)]
    [InlineData("ts", "mjpeg", "aac", true)]
    [InlineData("ts", "h264", "opus", false)]
    public void What_a_container_cannot_hold_is_refused_before_there_is_a_file(string container, string video, string audio, bool isVideo)
    {
        using var folder = new TempFolder();
        var pictures = new VideoTrack(video, new(1, 90_000), 320, 180) { Configuration = isVideo ? [] : new byte[40] };
        var refused = Assert.Throws<UnsupportedTrackException>(() =>
            ChunkWriters.Open(container, folder["chunk"], pictures, new(audio, new(1, 48_000), 48_000, 2) { Configuration = [0x11,
                0x90] }));
        Assert.Equal(isVideo, refused.IsVideo);
        Assert.Equal(isVideo ? video : audio, refused.Codec);
        Assert.False(File.Exists(folder["chunk"]));
    }

    /// <summary>Pools and lists have their sizes after the first fragments; what comes then takes no more.</summary>
    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public void Packets_take_no_memory_of_their_own(string container)
    {
        using var folder = new TempFolder();
        byte[] avcC = [1, 66, 0, 30, 0xFF, 0xE1, 0, 4, 0x67, 66, 0, 30, 1, 0, 4, 0x68, 0xCE, 0x3C, 0x80];
        var video = new VideoTrack("h264", new(1, 90_000), 320, 180) { Configuration = avcC, FrameNanoseconds = 40_000_000 };
        using var writer = ChunkWriters.Open(container, folder["chunk"], video, new("aac", new(1, 48_000), 48_000,
            2) { Configuration = [0x11, 0x90] });
        byte[] picture = [0, 0, 0x4E, 0x1C, 0x65, 0x88, .. new byte[19_994]];
        void Write(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                writer.Write(new(isVideo: true, isKeyframe: i % 25 == 0, i * 3600L, 0, picture));
                writer.Write(new(isVideo: false, isKeyframe: true, i * 1920L, 1920, picture.AsSpan(0, 300)));
            }
        }

        Write(0, 500);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(500, 1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        writer.Complete(1000 * 3600L);
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public void A_full_disk_is_told_as_it_is(string container)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no device that is always full");
        var video = new VideoTrack("mpeg4", new(1, 25), 320, 180) { Configuration = [0, 0, 1, 0x20] };
        var full = Assert.ThrowsAny<IOException>(() =>
        {
            using var writer = ChunkWriters.Open(container, "/dev/full", video, audio: null);
            writer.Write(new(isVideo: true, isKeyframe: true, 0, 1, new byte[100_000]));
            writer.Complete(1);
        });
        Assert.Contains("space", full.Message);
    }

    public static TheoryData<string, string, string> Sounds
    {
        get
        {
            var sounds = new TheoryData<string, string, string>();
            foreach (var (container, codecs) in new[] { ("mkv", MatroskaSounds), ("mp4", Mp4Sounds), ("ts", TransportStreamSounds) })
            {
                foreach (var codec in codecs) sounds.Add(container, codec, EncoderOf(codec));
            }

            return sounds;
        }
    }

    private static readonly string[] MatroskaSounds =
    [
        "aac", "ac3", "eac3", "mp2", "mp3", "opus", "vorbis", "flac", "alac", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "pcm_f32le",
        "pcm_s16be", "pcm_alaw", "pcm_mulaw", "adpcm_g722",
    ];

    private static readonly string[] Mp4Sounds = ["aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"];

    private static readonly string[] TransportStreamSounds = ["aac", "mp3", "mp2", "ac3", "eac3"];

    private static string EncoderOf(string codec) => codec switch
    {
        "mp3" => "libmp3lame",
        "opus" => "libopus",
        "vorbis" => "libvorbis",
        "adpcm_g722" => "g722",
        _ => codec,
    };

    private static async Task<string> SoundAsync(TempFolder folder, string codec, string encoder)
    {
        var path = folder[codec is "eac3" or "alac" ? "sound.mp4" : "sound.nut"];
        var rate = codec == "adpcm_g722" ? "16000" : "48000";
        await Command.RunAsync("ffmpeg", "-v", "error", "-y", "-nostdin", "-f", "lavfi", "-i",
            $"sine=frequency=440:sample_rate={rate}:duration=2", "-c:a", encoder, path);
        return path;
    }

    // MP4 keeps the length of H.264's and HEVC's units; NUT holds the others with their exact ticks.
    private static Task<string> VideoAsync(TempFolder folder, TestVideoOptions options) =>
        TestVideo.CreateAsync(folder[options.Codec is "h264" or "hevc" or "av1" ? "source.mp4" : "source.nut"], options);
}
