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
        var input = SourceInput.Of(stream, demoClock: false);
        string[] arguments = ["-hide_banner", "-loglevel", "error", .. input.Options.SelectMany(option => option.Split(' ', 2)),
            "-show_entries", "stream=codec_type,codec_name:stream_disposition=attached_pic:format=duration:format_tags=creation_time", "-of", "json", "-i", input.Address];
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
            return process.ExitCode == 0 ? Read(output, stream) : throw new SourceException($"{stream.Url}: {FfmpegErrors.Summary(stream.Url, await error)}");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static SourceFacts Read(string json, StreamOptions stream)
    {
        var found = JsonSerializer.Deserialize(json, ProbeJson.Default.ProbeResult);
        var video = found?.Streams?.FirstOrDefault(each => each.CodecType == "video" && each.Disposition?.AttachedPic != 1);
        if (video?.CodecName is null) throw new SourceException($"{stream.Url} holds no video");
        var format = found!.Format;
        return new(video.CodecName, found.Streams!.FirstOrDefault(each => each.CodecType == "audio")?.CodecName,
            DateTimeOffset.TryParse(format?.Tags?.CreationTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
            double.TryParse(format?.Duration, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null);
    }
}

internal sealed record ProbeResult(List<ProbeStream>? Streams, ProbeFormat? Format);

internal sealed record ProbeStream(
    [property: JsonPropertyName("codec_type")] string? CodecType,
    [property: JsonPropertyName("codec_name")] string? CodecName,
    [property: JsonPropertyName("disposition")] ProbeDisposition? Disposition);

internal sealed record ProbeDisposition([property: JsonPropertyName("attached_pic")] int AttachedPic);

internal sealed record ProbeFormat(
    [property: JsonPropertyName("duration")] string? Duration,
    [property: JsonPropertyName("tags")] ProbeTags? Tags);

internal sealed record ProbeTags([property: JsonPropertyName("creation_time")] string? CreationTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProbeResult))]
internal sealed partial class ProbeJson : JsonSerializerContext;
