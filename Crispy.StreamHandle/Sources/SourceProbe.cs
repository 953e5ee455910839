using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Sources;

/// <summary>What one look at a source's head says.</summary>
/// <param name="VideoCodec">As ffmpeg names it.</param>
/// <param name="AudioCodec">As ffmpeg names it; null without audio.</param>
/// <param name="CreationTime">The container's creation time; null where it has none.</param>
/// <param name="Duration">The source's length; null where it is endless or unknown.</param>
public sealed record SourceFacts(string VideoCodec, string? AudioCodec, DateTimeOffset? CreationTime, TimeSpan? Duration);

/// <summary>The source cannot be opened, or holds no video. The message is for people and holds no secret.</summary>
public sealed class SourceException(string message) : Exception(message);

/// <summary>Looks at a source once, before its ffmpeg starts.</summary>
internal static class SourceProbe
{
    /// <exception cref="SourceException">It cannot be opened, or holds no video.</exception>
    public static async Task<SourceFacts> LookAsync(Ffmpeg ffmpeg, StreamOptions stream, CancellationToken cancellation)
    {
        var found = await ShowAsync(ffmpeg, stream, "codec_type,codec_name", cancellation);
        var format = found.Format;
        return new(Video(found, stream).CodecName!, found.Streams!.FirstOrDefault(each => each.CodecType == "audio")?.CodecName,
            DateTimeOffset.TryParse(format?.Tags?.CreationTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null, Duration(found));
    }

    /// <summary>The source's length; null where it is endless or unknown.</summary>
    public static TimeSpan? Duration(ProbeResult found) =>
        double.TryParse(found.Format?.Duration, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The first video track that is no cover picture.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public static ProbeStream Video(ProbeResult found, StreamOptions stream) =>
        found.Streams?.FirstOrDefault(each => each.CodecType == "video" && each.Disposition?.AttachedPic != 1) is { CodecName: not null } video
            ? video
            : throw new SourceException($"{stream.Url} holds no video");

    /// <summary>What ffprobe says of a source.</summary>
    /// <param name="ffmpeg">The programs.</param>
    /// <param name="stream">The source.</param>
    /// <param name="fields">What is asked of each track.</param>
    /// <param name="cancellation">Ends ffprobe too.</param>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static async Task<ProbeResult> ShowAsync(Ffmpeg ffmpeg, StreamOptions stream, string fields, CancellationToken cancellation)
    {
        var input = SourceInput.Of(stream, demoClock: false);
        string[] arguments = ["-hide_banner", "-loglevel", "error", .. input.Options.SelectMany(option => option.Split(' ', 2)),
            "-show_entries", $"stream={fields}:stream_disposition=attached_pic:format=duration:format_tags=creation_time", "-of", "json", "-i", input.Address];
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
            return process.ExitCode == 0 ? JsonSerializer.Deserialize(output, ProbeJson.Default.ProbeResult) ?? new(null, null) : throw new SourceException(FfmpegErrors.Named(stream.Url, await error));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}

internal sealed record ProbeResult(List<ProbeStream>? Streams, ProbeFormat? Format);

internal sealed record ProbeStream(
    [property: JsonPropertyName("codec_type")] string? CodecType,
    [property: JsonPropertyName("codec_name")] string? CodecName,
    [property: JsonPropertyName("disposition")] ProbeDisposition? Disposition)
{
    [JsonPropertyName("width")]
    public int? Width { get; init; }

    [JsonPropertyName("height")]
    public int? Height { get; init; }

    [JsonPropertyName("pix_fmt")]
    public string? PixelFormat { get; init; }

    /// <summary>A fraction, as in <c>30000/1001</c>; <c>0/0</c> where it is not known.</summary>
    [JsonPropertyName("avg_frame_rate")]
    public string? FrameRate { get; init; }

    /// <summary>Hertz, as text.</summary>
    [JsonPropertyName("sample_rate")]
    public string? SampleRate { get; init; }

    [JsonPropertyName("channels")]
    public int? Channels { get; init; }
}

internal sealed record ProbeDisposition([property: JsonPropertyName("attached_pic")] int AttachedPic);

internal sealed record ProbeFormat(
    [property: JsonPropertyName("duration")] string? Duration,
    [property: JsonPropertyName("tags")] ProbeTags? Tags);

internal sealed record ProbeTags([property: JsonPropertyName("creation_time")] string? CreationTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProbeResult))]
internal sealed partial class ProbeJson : JsonSerializerContext;
