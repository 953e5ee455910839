using System.Globalization;
using System.Text.Json;

namespace Crispy.Testing;

/// <summary>A packet as ffprobe sees it.</summary>
/// <param name="Pts">Presentation timestamp in seconds; null when it has none.</param>
/// <param name="Dts">Decoding timestamp in seconds; null when it has none.</param>
/// <param name="Duration">Seconds; 0 when unknown.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsKeyframe">Whether decoding can start here.</param>
/// <param name="DataHash">MD5 of the packet's bytes.</param>
public sealed record FfprobePacket(decimal? Pts, decimal? Dts, decimal Duration, int Size, bool IsKeyframe, string DataHash);

/// <summary>A stream as ffprobe sees it.</summary>
public sealed record FfprobeStream(string Type, string Codec, int Width, int Height, string PixelFormat);

/// <summary>The machine's ffprobe as the judge of what Crispy writes.</summary>
public static class Ffprobe
{
    /// <summary>Any query as JSON: <c>JsonAsync(path, "-show_format")</c>.</summary>
    /// <exception cref="InvalidOperationException">ffprobe cannot read the file.</exception>
    public static async Task<JsonElement> JsonAsync(string path, params string[] arguments)
    {
        var output = await Command.RunAsync("ffprobe", ["-v", "error", "-of", "json", .. arguments, path]);
        using var document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }

    /// <summary>All packets of one stream (<c>v:0</c>, <c>a:0</c>) in the file's order.</summary>
    public static async Task<IReadOnlyList<FfprobePacket>> PacketsAsync(string path, string stream = "v:0")
    {
        var root = await JsonAsync(path, "-select_streams", stream, "-show_packets", "-show_data_hash", "md5");
        return root.TryGetProperty("packets", out var packets) ? [.. packets.EnumerateArray().Select(ReadPacket)] : [];
    }

    /// <summary>All streams.</summary>
    public static async Task<IReadOnlyList<FfprobeStream>> StreamsAsync(string path)
    {
        var root = await JsonAsync(path, "-show_streams");
        return [.. root.GetProperty("streams").EnumerateArray().Select(stream => new FfprobeStream(
            Text(stream, "codec_type"), Text(stream, "codec_name"), Number(stream, "width"), Number(stream, "height"),
            Text(stream, "pix_fmt")))];
    }

    /// <summary>Seconds of the video track, the last frame's own duration included, as its container says.</summary>
    public static async Task<decimal> DurationOfVideoAsync(string path) =>
        Seconds((await JsonAsync(path, "-select_streams", "v:0", "-show_entries", "stream=duration"))
            .GetProperty("streams")[0], "duration")!.Value;

    /// <summary>Seconds from the earliest timestamp of these packets to the end of the last.</summary>
    public static decimal DurationOf(IReadOnlyList<FfprobePacket> packets) =>
        packets.Max(packet => packet.Pts!.Value + packet.Duration) - packets.Min(packet => packet.Pts!.Value);

    private static FfprobePacket ReadPacket(JsonElement packet) => new(
        Seconds(packet, "pts_time"), Seconds(packet, "dts_time"), Seconds(packet, "duration_time") ?? 0, Number(packet, "size"),
        Text(packet, "flags").Contains('K', StringComparison.Ordinal), Text(packet, "data_hash"));

    private static decimal? Seconds(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? decimal.Parse(value.GetString()!, CultureInfo.InvariantCulture) : null;

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static int Number(JsonElement element, string name) => !element.TryGetProperty(name, out var value) ? 0
        : value.ValueKind == JsonValueKind.Number ? value.GetInt32() : int.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}
