using System.Globalization;
using System.Text.Json.Nodes;

namespace Crispy.Exporting;

/// <summary>What joining needs to know of a chunk's file, as ffmpeg sees it.</summary>
/// <param name="Picture">Codec and size: one file holds one.</param>
/// <param name="Sound">Codec, rate and channels; null without sound.</param>
/// <param name="Parameters">Hash of the video's parameter sets as its container holds them; null where it holds none,
/// as in a transport stream.</param>
/// <param name="Lead">How long after the file's first packet of any kind its video begins, since sound may begin earlier.</param>
public sealed record ChunkFacts(string Picture, string? Sound, string? Parameters, TimeSpan Lead)
{
    private const string Entries =
        "format=start_time:stream=codec_type,codec_name,width,height,sample_rate,channels,start_time,extradata_hash";

    /// <summary>The sound's codec as ffmpeg names it; null without sound.</summary>
    public string? SoundCodec => Sound?.Split(' ')[0];

    /// <summary>Reads them.</summary>
    /// <exception cref="ExportException">ffprobe cannot.</exception>
    public static async Task<ChunkFacts> ReadAsync(FfmpegTools tools, string file, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tools);
        string[] arguments = ["-v", "error", "-of", "json", "-show_data_hash", "md5", "-show_entries", Entries, file];
        var probe = JsonNode.Parse(await tools.RunAsync("ffprobe", arguments, null, cancellation).ConfigureAwait(false))!;
        var streams = probe["streams"]?.AsArray() ?? [];
        var video = streams.FirstOrDefault(stream => (string?)stream!["codec_type"] == "video")
            ?? throw new ExportException($"{Path.GetFileName(file)} holds no video");
        var audio = streams.FirstOrDefault(stream => (string?)stream!["codec_type"] == "audio");
        return new($"{video["codec_name"]} {video["width"]}x{video["height"]}",
            audio is null ? null : $"{audio["codec_name"]} {audio["sample_rate"]} Hz {audio["channels"]} ch",
            (string?)video["extradata_hash"], TimeSpan.FromSeconds(Seconds(video) - Seconds(probe["format"]!)));
    }

    private static double Seconds(JsonNode of) =>
        double.TryParse((string?)of["start_time"], CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
}
