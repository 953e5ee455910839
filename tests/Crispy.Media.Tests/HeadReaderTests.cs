using Crispy.Testing;

namespace Crispy.Media.Tests;

public sealed class HeadReaderTests
{
    private const int HeadBytes = 64 * 1024;

    [Theory]
    [InlineData("mkv", "h264", false)]
    [InlineData("mkv", "hevc", true)]
    [InlineData("mkv", "mjpeg", false)]
    [InlineData("mkv", "vp9", false)]
    [InlineData("mkv", "av1", false)]
    [InlineData("fmp4", "h264", true)]
    [InlineData("fmp4", "hevc", false)]
    [InlineData("fmp4", "mjpeg", false)]
    [InlineData("fmp4", "av1", true)]
    [InlineData("ts", "h264", false)]
    [InlineData("ts", "h264", true)]
    [InlineData("ts", "hevc", false)]
    [InlineData("ts", "mpeg2video", false)]
    public async Task The_head_says_the_same_as_the_whole_chunk(string container, string codec, bool grey)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(codec), $"this ffmpeg has no encoder for {codec}");
        using var folder = new TempFolder();
        var path = await ChunkReaderTests.CreateAsync(folder, container,
            new() { Codec = codec, Grey = grey, Size = "640x360", Audio = "aac" });
        var head = (await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)).AsSpan();
        head = head[..Math.Min(head.Length, HeadBytes)];
        var facts = ChunkReader.Read(path);
        Assert.Equal(grey ? 1 : 3, facts.Video!.Channels);
        Assert.True(HeadReader.TryRead(head, out var media));

        // VP9 and MPEG-2 may say only in their frames how deep a sample is: a head does not wait for one.
        var known = media.Video.BitDepth is not null || codec is not ("vp9" or "mpeg2video")
            ? facts.Video
            : facts.Video with { BitDepth = null, Chroma = null, IsInterlaced = null };
        Assert.Equal(new MediaHead(facts.Container!, known, facts.AudioCodec), media);
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("fmp4")]
    [InlineData("ts")]
    public async Task A_shorter_head_asks_for_more_until_it_answers_and_never_answers_otherwise(string container)
    {
        using var folder = new TempFolder();
        var path = await ChunkReaderTests.CreateAsync(folder, container, new() { Audio = "aac" });
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var whole = HeadReader.Read(bytes).Head;
        var answered = 0;
        for (var length = 0; length < 6000; length++)
        {
            var reading = HeadReader.Read(bytes.AsSpan(0, length));
            if (reading.Status == HeadStatus.NeedsMore)
            {
                Assert.Equal(0, answered);
                continue;
            }

            Assert.Equal(HeadStatus.Complete, reading.Status);
            if (answered == 0) answered = length;
            Assert.Equal(whole, reading.Head);
        }

        Assert.InRange(answered, 100, 5000);
    }

    [Fact]
    public async Task An_mp4_with_its_description_at_the_end_says_where_that_begins()
    {
        using var folder = new TempFolder();
        var path = await ChunkReaderTests.CreateAsync(folder, "mp4", new() { Size = "640x360", BFrames = 2, Audio = "aac" });
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var reading = HeadReader.Read(bytes.AsSpan(0, 4096));
        Assert.Equal(HeadStatus.NeedsTail, reading.Status);
        Assert.True(HeadReader.TryRead(bytes.AsSpan((int)reading.TailOffset), out var media));
        Assert.Equal(new MediaHead("mp4", ChunkReader.Read(path).Video!, "aac"), media);
        Assert.Equal(("h264", 640, 360, 3), (media.Video.Codec, media.Video.Width, media.Video.Height, media.Video.Channels));
    }

    [Fact]
    public void What_is_no_video_is_unsupported()
    {
        Assert.Equal(HeadStatus.NeedsMore, HeadReader.Read([]).Status);
        Assert.Equal(HeadStatus.Unsupported, HeadReader.Read(new byte[1000]).Status);
    }
}
