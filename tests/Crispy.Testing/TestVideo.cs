using System.Globalization;

namespace Crispy.Testing;

/// <summary>What a generated clip is like.</summary>
public sealed record TestVideoOptions
{
    /// <summary>Width and height as ffmpeg writes them.</summary>
    public string Size { get; init; } = "320x180";

    /// <summary>Frames a second, as a number or a fraction (<c>30000/1001</c>).</summary>
    public string Fps { get; init; } = "30";

    /// <summary>How long the clip is.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary><c>h264</c>, <c>hevc</c>, <c>mjpeg</c>, <c>mpeg4</c>, <c>mpeg2video</c>, <c>vp8</c>, <c>vp9</c> or <c>av1</c>.</summary>
    public string Codec { get; init; } = "h264";

    /// <summary>B-frames between references (h264, hevc, mpeg4).</summary>
    public int BFrames { get; init; }

    /// <summary>Frames from keyframe to keyframe.</summary>
    public int Gop { get; init; } = 30;

    /// <summary>Whether pictures shown before a keyframe may follow it in the file (h264, hevc).</summary>
    public bool OpenGop { get; init; }

    /// <summary><c>aac</c>, <c>pcm</c> or <c>none</c>.</summary>
    public string Audio { get; init; } = "none";

    /// <summary>Whether the stream has no colour planes. ffmpeg's mjpeg cannot do that: see
    /// <see cref="TestVideo.CreateGreyJpegAsync"/>.</summary>
    public bool Grey { get; init; }

    /// <summary>More output options, in front of the path.</summary>
    public IReadOnlyList<string> Extra { get; init; } = [];
}

/// <summary>Clips made by the machine's own ffmpeg.</summary>
public static class TestVideo
{
    private static readonly Lazy<Task<string>> Encoders = new(() => Command.RunAsync("ffmpeg", "-hide_banner", "-encoders"));

    /// <summary>Whether this ffmpeg can write <paramref name="codec"/>.</summary>
    public static async Task<bool> CanEncodeAsync(string codec) =>
        (await Encoders.Value).Contains($" {Encoder(codec)} ", StringComparison.Ordinal);

    /// <summary>Writes a clip; the container follows from the path's extension. Returns the path.</summary>
    /// <exception cref="InvalidOperationException">ffmpeg refuses; the message holds its words.</exception>
    public static async Task<string> CreateAsync(string path, TestVideoOptions? options = null)
    {
        options ??= new();
        var seconds = options.Seconds.ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
            ["-v", "error", "-y", "-nostdin", "-f", "lavfi", "-i", $"testsrc2=size={options.Size}:rate={options.Fps}:duration={seconds}"];
        if (options.Audio != "none") arguments.AddRange(["-f", "lavfi", "-i", $"sine=frequency=440:sample_rate=48000:duration={seconds}"]);
        arguments.AddRange(VideoArguments(options));
        if (options.Audio != "none") arguments.AddRange(["-c:a", options.Audio == "pcm" ? "pcm_s16le" : options.Audio]);
        arguments.AddRange(["-metadata", "title=crispy test clip", .. options.Extra, path]);
        await Command.RunAsync("ffmpeg", [.. arguments]);
        return path;
    }

    /// <summary>Writes a Motion JPEG clip of <paramref name="frames"/> pictures of mid grey with one component, 25 a second.
    /// Returns the path.</summary>
    /// <param name="path">Its extension says the container.</param>
    /// <param name="width">A multiple of 8.</param>
    /// <param name="height">A multiple of 8.</param>
    /// <param name="frames">How many pictures.</param>
    /// <param name="outputOptions">Options in front of the path.</param>
    public static async Task<string> CreateGreyJpegAsync(string path, int width, int height, int frames, params string[] outputOptions)
    {
        var pictures = path + ".mjpeg";
        var picture = GreyJpeg(width, height);
        await File.WriteAllBytesAsync(pictures, [.. Enumerable.Repeat(picture, frames).SelectMany(bytes => bytes)]);
        await Command.RunAsync("ffmpeg",
            ["-v", "error", "-y", "-nostdin", "-f", "mjpeg", "-framerate", "25", "-i", pictures, "-c", "copy", .. outputOptions, path]);
        File.Delete(pictures);
        return path;
    }

    // Baseline JPEG with the smallest tables: one DC code (no change) and one AC code (end of block). So a block is two 0 bits.
    private static byte[] GreyJpeg(int width, int height)
    {
        byte[] Table(byte kind) => [0xFF, 0xC4, 0, 20, kind, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] quantisation = [0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64)];
        byte[] frame = [0xFF, 0xC0, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0];
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
        return [0xFF, 0xD8, .. quantisation, .. frame, .. Table(0), .. Table(0x10), .. scan,
            .. new byte[width / 8 * (height / 8) / 4], 0xFF, 0xD9];
    }

    private static string Encoder(string codec) => codec switch
    {
        "h264" => "libx264",
        "hevc" => "libx265",
        "vp8" => "libvpx",
        "vp9" => "libvpx-vp9",
        "av1" => "libaom-av1",
        _ => codec,
    };

    private static IEnumerable<string> VideoArguments(TestVideoOptions options)
    {
        var gop = options.Gop.ToString(CultureInfo.InvariantCulture);
        var bFrames = options.BFrames.ToString(CultureInfo.InvariantCulture);
        var openGop = options.OpenGop ? "1" : "0";
        var pixels = options.Grey ? "gray" : options.Codec == "mjpeg" ? "yuvj420p" : "yuv420p";
        return ["-pix_fmt", pixels, "-c:v", Encoder(options.Codec), .. options.Codec switch
        {
            "h264" => ["-preset", "ultrafast", "-bf", bFrames, "-g", gop, "-keyint_min", gop, "-sc_threshold", "0",
                "-x264-params", $"open-gop={openGop}"],
            "hevc" => ["-preset", "ultrafast", "-x265-params",
                $"log-level=error:keyint={gop}:min-keyint={gop}:scenecut=0:bframes={bFrames}:open-gop={openGop}"],
            "mpeg4" => ["-bf", bFrames, "-g", gop, "-q:v", "5"],
            "mpeg2video" => ["-bf", bFrames, "-g", gop, "-q:v", "5"],
            "vp8" or "vp9" => ["-deadline", "realtime", "-cpu-used", "8", "-g", gop, "-b:v", "300k"],
            "av1" => ["-usage", "realtime", "-cpu-used", "8", "-g", gop, "-b:v", "300k"],
            _ => (string[])["-q:v", "5"],
        }];
    }
}
