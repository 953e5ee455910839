using System.Security.Cryptography;
using Crispy.Testing;

namespace Crispy.Media.Tests;

public sealed class ChunkReaderTests
{
    public static TheoryData<string, string, int, string, string> Clips
    {
        get
        {
            var clips = new TheoryData<string, string, int, string, string>();
            foreach (var extension in (string[])["mkv", "mp4", "fmp4", "ts"])
            {
                foreach (var codec in (string[])["h264", "hevc", "mpeg4"])
                {
                    clips.Add(extension, codec, 0, "aac", "30");
                    clips.Add(extension, codec, 2, "none", "30000/1001");
                }

                clips.Add(extension, "h264", 3, "aac", "24000/1001");
                clips.Add(extension, "h264", 2, "aac", "15");
                clips.Add(extension, "h264", 0, "none", "60");
                clips.Add(extension, "hevc", 3, "aac", "25");
            }

            clips.Add("ts", "mpeg2video", 2, "none", "25");
            foreach (var extension in (string[])["mkv", "mp4", "fmp4"])
            {
                clips.Add(extension, "mjpeg", 0, "none", "15");
                clips.Add(extension, "mjpeg", 0, "aac", "30000/1001");
                clips.Add(extension, "vp9", 0, "none", "30");
                clips.Add(extension, "av1", 0, "none", "25");
                clips.Add(extension, "mpeg2video", 2, "aac", "25");
            }

            clips.Add("mkv", "vp8", 0, "none", "24");
            clips.Add("mkv", "h264", 2, "pcm", "50");
            clips.Add("mkv", "mjpeg", 0, "pcm", "12.5");
            return clips;
        }
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task It_agrees_with_ffprobe(string container, string codec, int bFrames, string audio, string fps)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(codec), $"this ffmpeg has no encoder for {codec}");
        using var folder = new TempFolder();
        var path = await CreateAsync(folder, container, new() { Codec = codec, BFrames = bFrames, Audio = audio, Fps = fps, Gop = 20 });
        var facts = await Agreement.AssertAsync(path);
        Assert.Equal(container == "fmp4" ? "mp4" : container, facts.Container);
    }

    [Theory]
    [InlineData("mkv", "h264")]
    [InlineData("mp4", "h264")]
    [InlineData("ts", "h264")]
    [InlineData("mkv", "hevc")]
    [InlineData("fmp4", "hevc")]
    [InlineData("ts", "hevc")]
    [InlineData("mkv", "av1")]
    [InlineData("mp4", "av1")]
    public async Task Grey_video_has_one_channel(string container, string codec)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(codec), $"this ffmpeg has no encoder for {codec}");
        using var folder = new TempFolder();
        var path = await CreateAsync(folder, container, new() { Codec = codec, Grey = true, Seconds = 0.5 });
        await Agreement.AssertAsync(path, grey: true);
    }

    [Theory]
    [InlineData("mkv", "")]
    [InlineData("mp4", "")]
    [InlineData("mp4", "+faststart")]
    [InlineData("mp4", "+delay_moov+default_base_moof")]
    public async Task Grey_motion_jpeg_has_one_channel(string container, string flags)
    {
        using var folder = new TempFolder();
        string[] options = flags.Length > 0 ? ["-movflags", flags] : [];
        var path = await TestVideo.CreateGreyJpegAsync(folder[$"grey.{container}"], 64, 48, 10, options);
        await Agreement.AssertAsync(path, grey: true);
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("fmp4")]
    [InlineData("ts")]
    public async Task Size_is_after_cropping(string container)
    {
        using var folder = new TempFolder();
        foreach (var codec in (string[])["h264", "hevc"])
        {
            var path = await CreateAsync(folder, container, new() { Codec = codec, Size = "318x178", Seconds = 0.5 });
            var facts = await Agreement.AssertAsync(path);
            Assert.Equal((318, 178), (facts.Video!.Width, facts.Video.Height));
        }
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task Checksums_are_those_of_the_bytes(string container)
    {
        using var folder = new TempFolder();
        var path = await CreateAsync(folder, container, new() { Size = "640x360", Audio = "aac" });
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var facts = ChunkReader.Read(path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), facts.Sha256);
        Assert.Equal(SlowCrc32C(bytes), facts.Crc32c);
        Assert.Equal(bytes.Length, facts.Size);
    }

    [Fact]
    public void Crc32c_is_written_as_google_cloud_storage_writes_it()
    {
        // RFC 3720, B.4: 32 bytes of zeros.
        using var zeros = new MemoryStream(new byte[32]);
        var facts = ChunkReader.Read(zeros);
        Assert.Equal(0x8A9136AAu, facts.Crc32c);
        Assert.Equal("ipE2qg==", facts.Crc32cBase64);
    }

    [Fact]
    public async Task A_clip_without_video_says_so()
    {
        using var folder = new TempFolder();
        foreach (var extension in (string[])["mkv", "mp4", "ts"])
        {
            var path = folder[$"audio.{extension}"];
            await Command.RunAsync("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", path);
            var facts = ChunkReader.Read(path);
            Assert.Equal(Damage.NoVideo, facts.Damage);
            Assert.Equal("aac", facts.AudioCodec);
            Assert.Null(facts.Video);
        }
    }

    [Fact]
    public void Bytes_of_no_container_are_told_apart_from_no_bytes()
    {
        using var nothing = new MemoryStream();
        using var text = new MemoryStream("not a video, no matter what it is called"u8.ToArray());
        Assert.Equal(Damage.Empty | Damage.NoVideo, ChunkReader.Read(nothing).Damage);
        Assert.Equal(Damage.UnknownContainer | Damage.NoVideo, ChunkReader.Read(text).Damage);
    }

    [Fact]
    public async Task Late_video_keeps_its_first_timestamp()
    {
        using var folder = new TempFolder();
        var source = await CreateAsync(folder, "mkv", new() { Audio = "aac", BFrames = 2, Gop = 10 });
        foreach (var container in (string[])["mkv", "mp4", "fmp4"])
        {
            var path = folder["late." + container.Replace("fmp4", "f.mp4", StringComparison.Ordinal)];
            string[] flags = container == "fmp4" ? ["-movflags", "+delay_moov+default_base_moof"] : [];
            await Command.RunAsync("ffmpeg",
                ["-v", "error", "-y", "-i", source, "-itsoffset", "0.5", "-i", source, "-map", "1:v", "-map", "0:a", "-c",
                    "copy", .. flags, path]);
            var facts = await Agreement.AssertAsync(path);
            Assert.InRange(facts.FirstPts.TotalSeconds, 0.45, 0.6);
        }
    }

    [Fact]
    public async Task Timestamps_may_run_over_33_bits_inside_a_transport_stream()
    {
        using var folder = new TempFolder();
        var path = await TestVideo.CreateAsync(folder["wrap.ts"],
            new() { BFrames = 2, Audio = "aac", Extra = ["-output_ts_offset", "95440.3"] });
        var facts = ChunkReader.Read(path);
        Assert.Equal(Damage.None, facts.Damage);
        Assert.Equal(60, facts.Frames);
        Assert.Equal(2, facts.Duration.TotalSeconds, 0.0005);
    }

    internal static Task<string> CreateAsync(TempFolder folder, string container, TestVideoOptions options) => container == "fmp4"
        ? TestVideo.CreateAsync(folder[$"{options.Codec}.f.mp4"],
            options with { Extra = ["-movflags", "+delay_moov+default_base_moof+frag_keyframe"] })
        : TestVideo.CreateAsync(folder[$"{options.Codec}.{container}"], options);

    private static uint SlowCrc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }
}
