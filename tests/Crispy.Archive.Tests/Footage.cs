using System.Collections.Concurrent;
using System.Globalization;

namespace Crispy.Archive.Tests;

/// <summary>How chunks are recorded.</summary>
internal sealed record FootageKind(string Container, string Codec = "h264", int BFrames = 0, bool OpenGop = false, string Audio = "none",
    string Size = "320x180", int Seconds = 6)
{
    public override string ToString() => $"{Container} {Codec} b{BFrames}{(OpenGop ? " open" : "")} {Audio} {Size}";
}

/// <summary>Real chunks of 2 s, cut by ffmpeg exactly as stream-handle does; made once a run.</summary>
internal static class Footage
{
    private static readonly ConcurrentDictionary<FootageKind, Lazy<Task<IReadOnlyList<byte[]>>>> Made = new();

    public static Task<IReadOnlyList<byte[]>> CutAsync(FootageKind kind) => Made.GetOrAdd(kind, _ => new(() => MakeAsync(kind))).Value;

    private static async Task<IReadOnlyList<byte[]>> MakeAsync(FootageKind kind)
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder["clip.mkv"],
            new() { Codec = kind.Codec, BFrames = kind.BFrames, OpenGop = kind.OpenGop, Audio = kind.Audio, Size = kind.Size,
                Seconds = kind.Seconds, Fps = "25", Gop = 25 });
        var (format, options) = kind.Container switch
        {
            "mkv" => ("matroska", "avoid_negative_ts=disabled:output_ts_offset=1"),
            "mp4" => ("mp4", "movflags=+delay_moov+default_base_moof"),
            _ => ("mpegts", ""),
        };
        string[] formatOptions = options.Length > 0 ? ["-segment_format_options", options] : [];
        await Command.RunAsync("ffmpeg",
            ["-v", "error", "-i", clip, "-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-avoid_negative_ts", "disabled", "-f",
                "segment", "-segment_time", "2",
            "-reset_timestamps", "1", "-segment_format", format, .. formatOptions, folder[$"%03d.{kind.Container}"]]);
        return [.. Directory.GetFiles(folder.Path, $"*.{kind.Container}").Where(file => char.IsAsciiDigit(Path.GetFileName(file)[0]))
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    public static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
