using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

/// <summary>Which of ffmpeg's lines tells what went wrong.</summary>
[Trait("Needs", "nothing")]
public sealed class FfmpegErrorTests
{
    private static readonly SourceUrl Camera = SourceUrl.Parse("rtsp://viewer:hunter2@camera/1");

    [Theory]
    [InlineData("Connection timed out", "[error] Connection timed out", "[segment @ 0x55d0] [warning] Non-monotonous DTS in output stream")]
    [InlineData("method SETUP failed: 461 Unsupported transport", "[rtsp @ 0x55d0] [error] method SETUP failed: 461 Unsupported transport",
        "    Last message repeated 3 times")]
    [InlineData("Could not write header", "[fatal] Could not write header", "[error] Conversion failed!")]
    [InlineData("method DESCRIBE failed: 401 Unauthorized", "[http @ 0x55d0] [warning] 404 Not Found",
        "[rtsp @ 0x55d0] [error] method DESCRIBE failed: 401 Unauthorized", "[error] Broken pipe")]
    [InlineData("max delay reached. need to consume packet", "[rtsp @ 0x55d0] [warning] max delay reached. need to consume packet")]
    [InlineData("rtsp://***@camera/1: Connection refused", "[concat @ 0x55d0] [error] Impossible to open 'rtsp://viewer:hunter2@camera/1'",
        "[error] pipe:0: Connection refused")]
    [InlineData("without a level", "without a level")]
    [InlineData("ffmpeg gave no reason", "")]
    public void The_error_is_told_and_not_the_warning_after_it(string expected, params string[] lines) =>
    Assert.Equal(expected, FfmpegErrors.Summary(Camera, string.Join('\n', lines)));

    [Theory]
    [InlineData("/a/clip.mp4", "file:/a/clip.mp4: Invalid data found when processing input",
        "/a/clip.mp4: Invalid data found when processing input")]
    [InlineData("rtsp://camera/1", "[error] rtsp://camera/1: Connection refused", "rtsp://camera/1: Connection refused")]
    [InlineData("rtsp://camera/1", "[error] Broken pipe", "rtsp://camera/1: Broken pipe")]
    public void The_source_is_named_once(string url, string line, string expected) =>
    Assert.Equal(expected, FfmpegErrors.Named(SourceUrl.Parse(url), line));

    [Fact]
    public void A_warning_is_no_error() =>
        Assert.Equal((false, true),
            (FfmpegErrors.HasError("[warning] DTS 7 < 9\n    Last message repeated 2 times"),
                FfmpegErrors.HasError("[warning] x\n[mov @ 0x55d0] [error] y")));
}
