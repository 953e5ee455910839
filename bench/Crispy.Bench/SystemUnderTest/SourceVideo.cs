using System.Globalization;

namespace Crispy.Bench.SystemUnderTest;

/// <summary>The video that is measured with: H.264, 1920x1080, 30 frames/s, a keyframe each second, 4 Mbit/s, in MP4. Made once, and
/// kept in <c>artifacts/bench/cache/</c>.</summary>
internal static class SourceVideo
{
    /// <summary>Frames a second.</summary>
    public const int FramesPerSecond = 30;

    /// <summary>A file of so many seconds; one encoded minute again and again.</summary>
    /// <returns>Its full path.</returns>
    public static async Task<string> OfAsync(double seconds)
    {
        var whole = (int)Math.Ceiling(seconds);
        var path = PathOf($"1080p30-4M-{whole}s.mp4");
        if (File.Exists(path)) return path;
        var minute = await MinuteAsync();
        Console.WriteLine($"making {path} ...");
        await WriteAsync(path, "-stream_loop", $"{whole / 60}", "-i", minute, "-t", $"{whole}", "-c", "copy");
        return path;
    }

    /// <summary>A file of at least so many seconds, in whole minutes: few different ones are kept.</summary>
    public static Task<string> AtLeastAsync(double seconds) => OfAsync(Math.Ceiling(seconds / 60) * 60);

    /// <summary>Number of frames in a file of <see cref="OfAsync"/>, by ffprobe.</summary>
    public static async Task<int> FramesAsync(string path) => int.Parse(
        await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=nb_frames", "-of", "csv=p=0",
            path), CultureInfo.InvariantCulture);

    // Noise, because a test picture alone does not fill 4 Mbit/s.
    private static async Task<string> MinuteAsync()
    {
        var path = PathOf("1080p30-4M-minute.mp4");
        if (File.Exists(path)) return path;
        Console.WriteLine($"encoding {path}: once, one minute of video ...");
        await WriteAsync(path, "-f", "lavfi", "-i", $"testsrc2=size=1920x1080:rate={FramesPerSecond}:duration=60", 
            "-vf", "noise=alls=12:allf=t", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0",
            "-g", $"{FramesPerSecond}", "-keyint_min", $"{FramesPerSecond}", "-sc_threshold", "0",
            "-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "4M", "-x264-params", "nal-hrd=vbr");
        return path;
    }

    private static string PathOf(string name) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine("artifacts", "bench", "cache")).FullName, name);

    // Beside, then renamed: an interrupted run leaves nothing that looks whole.
    private static async Task WriteAsync(string path, params string[] arguments)
    {
        var part = $"{path}.{Environment.ProcessId}.part.mp4";
        try
        {
            await Command.RunAsync("ffmpeg", ["-v", "error", "-y", "-nostdin", .. arguments, "-movflags", "+faststart", part]);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
