using System.Globalization;
using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>Chunks as ffmpeg's segment muxer writes them.</summary>
public sealed class SegmentTests
{
    [Theory]
    [InlineData("mkv", "h264")]
    [InlineData("mp4", "h264")]
    [InlineData("ts", "h264")]
    [InlineData("mkv", "hevc")]
    [InlineData("mp4", "hevc")]
    [InlineData("ts", "hevc")]
    [InlineData("mkv", "mjpeg")]
    [InlineData("mp4", "mjpeg")]
    public async Task Copied_segments_agree_with_ffprobe_and_add_up_to_the_source(string container, string codec)
    {
        using var folder = new TempFolder();
        var source =
            await TestVideo.CreateAsync(folder["source.mp4"], new() { Codec = codec, Seconds = 8, BFrames = 2, Audio = "aac", Gop = 30 });
        var chunks = await SegmentAsync(folder, source, container, "-c", "copy");
        var facts = new List<ChunkFacts>();
        foreach (var chunk in chunks) facts.Add(await Agreement.AssertAsync(chunk.Path));

        Assert.InRange(facts.Count, 3, 4);
        Assert.All(facts, fact => Assert.True(fact.StartsWithKeyframe));
        Assert.Equal(240, facts.Sum(fact => fact.Frames));
        Assert.Equal(8, facts.Sum(fact => fact.Duration.TotalSeconds), 0.001 * facts.Count);
        for (var i = 0; i < facts.Count; i++) Assert.Equal(chunks[i].End - chunks[i].Start, facts[i].Duration.TotalSeconds, 0.002);
        if (container != "ts") Assert.All(facts, fact => Assert.Equal(container == "mkv" ? 1 : 0, fact.FirstPts.TotalSeconds, 0.001));
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task Pictures_shown_before_the_first_keyframe_count(string container)
    {
        using var folder = new TempFolder();
        var source = await TestVideo.CreateAsync(folder["open.ts"],
            new() { Codec = "hevc", Seconds = 10, Fps = "25", BFrames = 3, Gop = 20, OpenGop = true });
        var chunks = await SegmentAsync(folder, source, container, "-c", "copy");
        var begins = new List<double>();
        var ends = new List<double>();
        foreach (var chunk in chunks)
        {
            var facts = await Agreement.AssertAsync(chunk.Path);
            var from = begins.Count == 0
                ? chunk.End - facts.Duration.TotalSeconds
                : chunk.Start + (facts.FirstPts - facts.FirstPacketPts).TotalSeconds;
            Assert.True(begins.Count == 0 || facts.FirstPts < facts.FirstPacketPts, "the source's groups of pictures are not open");
            begins.Add(from);
            ends.Add(from + facts.Duration.TotalSeconds);
        }

        Assert.InRange(chunks.Count, 3, 4);
        Assert.Equal(10, ends[^1] - begins[0], 0.002);
        for (var i = 1; i < chunks.Count; i++) Assert.Equal(ends[i - 1], begins[i], 0.002);
    }

    [Theory]
    [InlineData("mkv", 0)]
    [InlineData("mkv", 2)]
    [InlineData("mp4", 0)]
    [InlineData("mp4", 2)]
    [InlineData("ts", 0)]
    [InlineData("ts", 2)]
    public async Task Frames_of_uneven_length_last_as_long_as_the_chunk_says(string container, int bFrames)
    {
        using var folder = new TempFolder();
        var source = await TestVideo.CreateAsync(folder["uneven.mp4"],
            new() { Seconds = 8, Fps = "25", BFrames = bFrames, Gop = 10,
                Extra = ["-vf", "select='not(mod(n\\,3))+eq(mod(n\\,7)\\,4)'", "-vsync", "vfr"] });
        foreach (var chunk in await SegmentAsync(folder, source, container, "-c", "copy"))
        {
            // Without reordering an MP4 says how long its last frame lasts. ffprobe before 6.1 does not ask it.
            if (container == "mp4" && bFrames == 0)
                Assert.Equal(chunk.End - chunk.Start, ChunkReader.Read(chunk.Path).Duration.TotalSeconds, 0.001);
            else await Agreement.AssertAsync(chunk.Path);
        }
    }

    [Theory]
    [InlineData("mkv", "30", 1)]
    [InlineData("mp4", "30", 3)]
    [InlineData("ts", "30", 3)]
    [InlineData("mkv", "15", 1)]
    [InlineData("mp4", "25", 1)]
    [InlineData("ts", "25", 3)]
    [InlineData("mkv", "25", 3)]
    public async Task Transcoded_windows_last_exactly_as_long_as_asked(string container, string fps, int everyNth)
    {
        using var folder = new TempFolder();
        var source =
            await TestVideo.CreateAsync(folder["source.mp4"], new() { Fps = fps, Seconds = 7, BFrames = 2, Audio = "aac", Gop = 50 });
        var chunks = await SegmentAsync(folder, source, container, "-vf", $"framestep={everyNth}", "-c:v", "libx264", "-preset", "veryfast",
            "-force_key_frames", "expr:gte(t,n_forced*3)", "-c:a", "copy");
        Assert.Equal(3, chunks.Count);
        foreach (var chunk in chunks.Take(2))
        {
            var facts = await Agreement.AssertAsync(chunk.Path);
            Assert.Equal(3.0, facts.Duration.TotalSeconds, 0.0001);
            Assert.Equal(3 * int.Parse(fps, CultureInfo.InvariantCulture) / everyNth, facts.Frames);
        }
    }

    internal sealed record Chunk(string Path, double Start, double End);

    internal static async Task<IReadOnlyList<Chunk>> SegmentAsync(TempFolder folder, string source,
        string container, params string[] codecs)
    {
        Directory.CreateDirectory(folder["out"]);
        string[] format = container switch
        {
            "mkv" => ["matroska", "-segment_format_options", "avoid_negative_ts=disabled:output_ts_offset=1"],
            "mp4" => ["mp4", "-segment_format_options", "movflags=+delay_moov+default_base_moof"],
            _ => ["mpegts"],
        };
        var list = await Command.RunAsync("ffmpeg", [
            "-v", "error", "-nostdin", "-i", source, "-map", "0:v:0", "-map", "0:a?", .. codecs, "-avoid_negative_ts", "disabled",
            "-f", "segment", "-segment_time", "3", "-reset_timestamps", "1", "-segment_list", "pipe:1", "-segment_list_type", "csv",
            "-segment_format", .. format, folder["out", $"%08d.{container}"]]);
        return [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).Select(parts =>
            new Chunk(folder["out", parts[0]], double.Parse(parts[1], CultureInfo.InvariantCulture),
                double.Parse(parts[2], CultureInfo.InvariantCulture)))];
    }
}
