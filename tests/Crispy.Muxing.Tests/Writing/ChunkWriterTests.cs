using Crispy.Muxing.Writing;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Writing;

/// <summary>Chunks of real packets in each container.</summary>
public sealed class ChunkWriterTests
{
    [Theory]
    [InlineData("mkv", "h264", 2, "25")]
    [InlineData("mkv", "h264", 0, "30000/1001")]
    [InlineData("mkv", "hevc", 3, "30000/1001")]
    [InlineData("mkv", "av1", 0, "25")]
    [InlineData("mkv", "vp9", 0, "30")]
    [InlineData("mkv", "mjpeg", 0, "10")]
    [InlineData("mkv", "mpeg4", 2, "25")]
    [InlineData("mkv", "mpeg2video", 2, "25")]
    public async Task Pictures_and_times_are_the_sources(string container, string codec, int bFrames, string fps)
    {
        using var folder = new TempFolder();
        var source = await TestSource.ReadAsync(await VideoAsync(folder, new() { Codec = codec, BFrames = bFrames, Fps = fps, Gop = 20, Seconds = 3 }));
        source.Write(container, folder["chunk"]);
        await ChunkJudge.AssertAsync(source, container, folder["chunk"]);
    }

    // MP4 keeps the length of H.264's and HEVC's units; NUT holds the others with their exact ticks.
    private static Task<string> VideoAsync(TempFolder folder, TestVideoOptions options) =>
        TestVideo.CreateAsync(folder[options.Codec is "h264" or "hevc" or "av1" ? "source.mp4" : "source.nut"], options);
}
