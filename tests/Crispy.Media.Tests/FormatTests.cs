using Crispy.Testing;

namespace Crispy.Media.Tests;

/// <summary>Bit depth, chroma, pixel shape and fields, judged by ffprobe.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData("libx264", "yuv420p", "12/11")]
    [InlineData("libx264", "yuv422p", "1/1")]
    [InlineData("libx264", "yuv444p", "200/197")]
    [InlineData("libx264", "yuv420p10le", "16/11")]
    [InlineData("libx264", "yuv422p10le", "4/3")]
    [InlineData("libx265", "yuv420p", "12/11")]
    [InlineData("libx265", "yuv422p10le", "100/97")]
    [InlineData("libx265", "yuv420p12le", "1/1")]
    [InlineData("mpeg2video", "yuv420p", "4/3")]
    [InlineData("mpeg2video", "yuv422p", "1/1")]
    [InlineData("mpeg4", "yuv420p", "16/11")]
    [InlineData("mpeg4", "yuv420p", "13/7")]
    [InlineData("libaom-av1", "yuv420p10le", "1/1")]
    [InlineData("libaom-av1", "yuv444p", "1/1")]
    [InlineData("libvpx-vp9", "yuv422p", "1/1")]
    [InlineData("libvpx-vp9", "yuv420p10le", "1/1")]
    [InlineData("mjpeg", "yuvj422p", "1/1")]
    [InlineData("mjpeg", "yuvj444p", "1/1")]
    public async Task A_format_is_what_ffprobe_says(string encoder, string pixels, string aspect)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder), $"this ffmpeg has no {encoder}");
        using var folder = new TempFolder();
        foreach (var container in (string[])["mp4", "mkv", "ts"])
        {
            if (container == "ts" && encoder is "libaom-av1" or "libvpx-vp9" or "mjpeg") continue;
            var path = folder[$"clip.{container}"];
            string[] speed = encoder.StartsWith("lib", StringComparison.Ordinal) && encoder.Contains("26", StringComparison.Ordinal)
                ? ["-preset", "ultrafast"]
                : encoder.StartsWith("lib", StringComparison.Ordinal) ? ["-cpu-used", "8"] : [];
            var made = await Command.TryAsync("ffmpeg",
                ["-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "3",
                "-vf", $"setsar={aspect}", "-pix_fmt", pixels, "-c:v", encoder, .. speed, path]);
            Assert.SkipUnless(made.ExitCode == 0, $"this ffmpeg does not make it: {made.Error}");
            var judge = (await Ffprobe.StreamsAsync(path)).Single();
            var format = ChunkReader.Read(path).Video;
            PixelFormat.Assert(judge, format, grey: false, mayBeUnknown: encoder == "libvpx-vp9" && container == "mkv");
            if (format!.PixelAspect is not { } shape) continue;
            var said = (await Ffprobe.JsonAsync(path, "-show_streams"))
                .GetProperty("streams")[0].GetProperty("sample_aspect_ratio").GetString();
            Assert.Equal(said, shape.ToString());
        }
    }

    [Theory]
    [InlineData("libx264", "-x264-params tff=1 -flags +ildct+ilme", null)]
    [InlineData("libx264", "-bf 0", false)]
    [InlineData("libx265", "-x265-params log-level=none", false)]
    [InlineData("mpeg2video", "-flags +ildct+ilme", null)]
    [InlineData("mpeg4", "-flags +ildct+ilme", null)]
    [InlineData("mpeg4", "-bf 0", false)]
    public async Task Fields_are_ruled_out_where_the_parameters_do_so(string encoder, string options, bool? interlaced)
    {
        Assert.SkipUnless(await TestVideo.CanEncodeAsync(encoder), $"this ffmpeg has no {encoder}");
        using var folder = new TempFolder();
        await Command.RunAsync("ffmpeg",
            ["-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x256:rate=25", "-frames:v", "3", "-pix_fmt", "yuv420p",
            "-c:v", encoder, .. options.Split(' '), folder["clip.mp4"]]);
        Assert.Equal(interlaced, ChunkReader.Read(folder["clip.mp4"]).Video!.IsInterlaced);
    }

    [Fact]
    public void A_pixels_shape_is_in_lowest_terms_and_zero_is_unknown()
    {
        Assert.Equal("12:11", PixelAspect.Of(48, 44).ToString());
        Assert.Null(PixelAspect.Of(0, 1));
        Assert.Null(PixelAspect.Of(1, 0));
    }
}
