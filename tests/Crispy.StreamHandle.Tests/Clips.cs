using System.Globalization;

namespace Crispy.StreamHandle.Tests;

/// <summary>Real clips, and ffprobe as their judge.</summary>
internal static class Clips
{
    /// <summary>Makes H.264 with B-frames, and AAC unless told otherwise.</summary>
    public static async Task<string> MakeAsync(string path, int seconds = 10, int fps = 30, int gop = 30, string audio = "aac",
        string video = "libx264 -preset ultrafast -bf 2", string size = "320x180")
    {
        string[] sound = audio.Length == 0 ? [] : ["-f", "lavfi", "-i", "sine=frequency=440"];
        string[] soundCodec = audio.Length == 0 ? [] : ["-c:a", .. audio.Split(' ')];
        await Command.RunAsync("ffmpeg", ["-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate={fps}", .. sound,
            "-t", $"{seconds}", "-c:v", .. video.Split(' '), "-g", $"{gop}", "-pix_fmt", video.StartsWith("mjpeg", StringComparison.Ordinal)
                ? "yuvj420p"
                : "yuv420p", .. soundCodec, path]);
        return path;
    }

    /// <summary>Counts packets of a track, as <c>v:0</c> or <c>a:0</c>.</summary>
    public static async Task<int> PacketsAsync(string path, string track)
    {
        var text = await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", track, "-show_entries",
            "packet=size", "-of", "csv=p=0", path);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    /// <summary>SHA-256 of the data of each packet of a track, in order: the same packets have the same.</summary>
    public static async Task<List<string>> PacketHashesAsync(string path, string track)
    {
        var text = await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", track, "-show_entries", "packet=data_hash",
            "-show_data_hash", "sha256", "-of", "csv=p=0", path);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.TrimEnd(','))];
    }

    /// <summary>From the first video frame's time to the end of the last one.</summary>
    public static async Task<double> DurationAsync(string path)
    {
        var text = await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
            "packet=pts_time,duration_time", "-of", "csv=p=0", path);
        var packets = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(',')).Select(fields => (
            Pts: double.Parse(fields[0], CultureInfo.InvariantCulture), Duration: fields.Length > 1
                && double.TryParse(fields[1], CultureInfo.InvariantCulture, out var duration) ? duration : 0)).ToList();
        return packets.Max(packet => packet.Pts + packet.Duration) - packets.Min(packet => packet.Pts);
    }
}
