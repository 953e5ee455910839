using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Crispy.StreamHandle.Launching;

namespace Crispy.StreamHandle.Sources;

/// <summary>The source cannot be opened, or holds no video. The message is for people and holds no secret.</summary>
public sealed class SourceException(string message) : Exception(message);

/// <summary>Looks at a source once, before its ffmpeg starts.</summary>
internal static class SourceProbe
{
    /// <summary>What a source holds, and which of it is recorded.</summary>
    /// <param name="ffmpeg">The programs.</param>
    /// <param name="stream">The source.</param>
    /// <param name="http">What an HTTP source's server said; null for other sources.</param>
    /// <param name="cancellation">Ends ffprobe too.</param>
    /// <exception cref="SourceException">It cannot be opened, or holds no video.</exception>
    public static async Task<SourceFacts> LookAsync(Ffmpeg ffmpeg, StreamOptions stream, HttpAnswer? http, CancellationToken cancellation)
    {
        var found = await ShowAsync(ffmpeg, stream, http, cancellation);
        var (video, format) = (TrackChoice.Video(found, stream), found.Format);
        var audio = TrackChoice.Audio(found, stream, video, http);
        var name = NameOf(format, http, video);
        // Recorded through a script, an HTTP source's first time is 0, no matter what it says.
        var shift = http is null ? TimeSpan.Zero : Seconds(format?.StartTime) ?? TimeSpan.Zero;
        return new(video.CodecName!, audio?.CodecName,
            DateTimeOffset.TryParse(format?.Tags?.CreationTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
                out var created) ? created : null,
            // Matroska's length counts from 0.
            name.StartsWith("matroska", StringComparison.Ordinal) ? Duration(found) - shift : Duration(found))
        {
            FormatName = name,
            VideoIndex = video.Index,
            AudioIndex = audio?.Index,
            Width = video.Width ?? 0,
            Height = video.Height ?? 0,
            Rotation = video.Rotation,
            SampleAspect = Ratio.Parse(video.SampleAspect),
            FieldOrder = video.FieldOrder is "unknown" ? null : video.FieldOrder,
            StartTime = Seconds(video.StartTime) - shift,
            // Matroska's statistics count from 0, as its own duration does.
            VideoDuration = Seconds(video.Duration) ?? Clock(video.Tags?.Duration ?? "") - (Seconds(video.StartTime) ?? TimeSpan.Zero),
            Tick = Ratio.Parse(video.TimeBase),
            SoundTick = audio is null ? null : Ratio.Parse(audio.TimeBase),
            AverageFrameRate = Ratio.Parse(video.FrameRate),
            Times = TimesOf(name),
            Length = http?.Length ?? (stream.Url.FilePath is { } path ? new FileInfo(path).Length : null),
            Http = http,
        };
    }

    /// <summary>Whether an HTTP source has an end. A playlist says so itself; a file has its length, or the container's duration.</summary>
    public static bool IsFinite(HttpAnswer? http, TimeSpan? duration) =>
        http is { Format: not null } ? http.IsFinite : http?.IsFinite == true || duration is not null;

    /// <summary>The source's length; null where it is endless or unknown.</summary>
    public static TimeSpan? Duration(ProbeResult found) =>
        double.TryParse(found.Format?.Duration, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
        ? TimeSpan.FromSeconds(seconds)
        : found.Packets?.FirstOrDefault()?.Tags?.Microseconds is { } told
        && long.TryParse(told, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
        : null;

    /// <summary>What ffprobe says of a source.</summary>
    /// <param name="ffmpeg">The programs.</param>
    /// <param name="stream">The source.</param>
    /// <param name="http">What an HTTP source's server said; null for other sources.</param>
    /// <param name="cancellation">Ends ffprobe too.</param>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static async Task<ProbeResult> ShowAsync(Ffmpeg ffmpeg, StreamOptions stream, HttpAnswer? http, CancellationToken cancellation)
    {
        var script = SourceInput.Of(stream, demoClock: false);
        if (http is not { Length: not null, Format: null }) return await ShowAsync(ffmpeg, stream, script, [], cancellation);
        try
        {
            return await ShowAsync(ffmpeg, stream, SourceInput.Bytes(stream.Url), [], cancellation);
        }
        catch (SourceException)
        {
            // A server that gives no parts, for instance.
            return await ShowAsync(ffmpeg, stream, script,
                ["-segment_time_metadata", "1", "-show_packets", "-read_intervals", "%+#1"], cancellation);
        }
    }

    private static async Task<ProbeResult> ShowAsync(Ffmpeg ffmpeg, StreamOptions stream, SourceInput input, string[] more,
        CancellationToken cancellation)
    {
        string[] arguments = ["-hide_banner", "-loglevel", "error", .. input.Options.SelectMany(option => option.Split(' ', 2)), .. more,
            "-show_streams", "-show_programs", "-show_format", "-of", "json", "-i", input.Address];
        using var process = await ffmpeg.Launcher.StartAsync(new ProcessStartInfo(ffmpeg.ProbePath, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        try
        {
            await process.StandardInput.WriteAsync(input.Script ?? "");
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode == 0) return JsonSerializer.Deserialize(output, ProbeJson.Default.ProbeResult) ?? new(null, null, null);
            var said = await error;
            throw new SourceException(said.Contains("not on whitelist", StringComparison.OrdinalIgnoreCase)
                ? $"{stream.Url} is no video that can be recorded: its format is not among those that are taken from a file"
                : FfmpegErrors.Named(stream.Url, said));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    // A script hides the container: then it is what the server says, or what the source begins with.
    private static string NameOf(ProbeFormat? format, HttpAnswer? http, ProbeStream video) =>
        format?.Name is not "concat" ? format?.Name ?? ""
        : http?.Format ?? (http?.Container is ContainerHead.Bare ? video.CodecName! : http?.Container) ?? "concat";

    // Names of ffmpeg's demuxers.
    private static SourceTimes TimesOf(string format) => format switch
    {
        "avi" => SourceTimes.Rate,
        "h264" or "hevc" or "vvc" or "evc" or "m4v" or "mjpeg" or "mjpeg_2000" or "mpjpeg" or "mpegvideo" or "vc1" or "dirac" or "cavsvideo"
            or "av1" or "obu" or "h261" or "h263" => SourceTimes.None,
        _ when format.EndsWith("_pipe", StringComparison.Ordinal) || format is "image2" or "rawvideo" => SourceTimes.None,
        _ => SourceTimes.Own,
    };

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : null;

    // Matroska's statistics: "00:00:20.040000000", where TimeSpan reads seven digits.
    private static TimeSpan? Clock(string text) => text.Split(':') is [var hours, var minutes, var seconds]
        && int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
        && int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var m) && Seconds(seconds) is { } s
            ? new TimeSpan(h, m, 0) + s
            : null;
}
