using System.Globalization;
using System.Text.Json;
using Crispy.Muxing.Writing;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Writing;

/// <summary>A packet with its times in ticks of its track.</summary>
internal sealed record TestPacket(bool IsVideo, bool IsKeyframe, long Time, long Duration, byte[] Data);

/// <summary>Tracks and packets of files that ffmpeg made: what a chunk is written of.</summary>
internal sealed record TestSource(string VideoPath, VideoTrack Video, IReadOnlyList<TestPacket> VideoPackets)
{
    public string? AudioPath { get; init; }

    public AudioTrack? Audio { get; init; }

    public IReadOnlyList<TestPacket> AudioPackets { get; init; } = [];

    /// <summary>Where the last picture ends, in the video's ticks.</summary>
    public long End => VideoPackets.Max(packet => packet.Time + packet.Duration);

    public double EndSeconds => Seconds(Video.Tick, End);

    public static double Seconds(Tick tick, long ticks) => (double)ticks * tick.Numerator / tick.Denominator;

    /// <summary>Reads the first video track of one file and the first audio track of another.</summary>
    public static async Task<TestSource> ReadAsync(string video, string? audio = null)
    {
        var (stream, packets) = await ReadTrackAsync(video, "v:0");
        var source = new TestSource(video, VideoTrackOf(stream), packets);
        if (audio is null) return source;
        (stream, packets) = await ReadTrackAsync(audio, "a:0");
        var track = AudioTrackOf(stream);
        return source with { AudioPath = audio, Audio = track, AudioPackets = [.. packets.Where(packet => Seconds(track.Tick,
            packet.Time) < source.EndSeconds)] };
    }

    /// <summary>Moves a track's packets.</summary>
    public TestSource Shift(double videoSeconds, double audioSeconds) => this with
    {
        VideoPackets =
            [.. VideoPackets.Select(packet => packet with { Time = packet.Time + Video.Tick.From(TimeSpan.FromSeconds(videoSeconds)) })],
        AudioPackets =
            [.. AudioPackets.Select(packet => packet with { Time = packet.Time + Audio!.Tick.From(TimeSpan.FromSeconds(audioSeconds)) })],
    };

    /// <summary>Writes a chunk of all packets, the tracks interleaved by time. The last picture alone says how long it lasts.</summary>
    public void Write(string container, string path, bool complete = true)
    {
        using var writer = ChunkWriters.Open(container, path, Video, Audio);
        var last = VideoPackets.MaxBy(packet => packet.Time);
        var sound = 0;
        var shown = double.NegativeInfinity;
        foreach (var picture in VideoPackets)
        {
            shown = Math.Max(shown, Seconds(Video.Tick, picture.Time));
            for (; sound < AudioPackets.Count && Seconds(Audio!.Tick, AudioPackets[sound].Time) < shown; sound++) Write(writer,
                AudioPackets[sound]);
            Write(writer, picture == last ? picture : picture with { Duration = 0 });
        }

        for (; sound < AudioPackets.Count; sound++) Write(writer, AudioPackets[sound]);
        if (complete) writer.Complete(End);
    }

    private static void Write(IChunkWriter writer, TestPacket packet) =>
        writer.Write(new(packet.IsVideo, packet.IsKeyframe, packet.Time, packet.Duration, packet.Data));

    // ffmpeg's "data" muxer writes the packets' bytes behind each other; ffprobe says how long each is.
    private static async Task<(JsonElement Stream, List<TestPacket> Packets)> ReadTrackAsync(string path, string stream)
    {
        var root = await Ffprobe.JsonAsync(path, "-select_streams", stream, "-show_streams", "-show_packets", "-show_data");
        var isVideo = stream[0] == 'v';
        var raw = path + "." + stream[0];
        await Command.RunAsync("ffmpeg", "-v", "error", "-y", "-nostdin", "-i", path, "-map", $"0:{stream}", "-c", "copy", "-copyts",
            "-f", "data", raw);
        var bytes = await File.ReadAllBytesAsync(raw);
        List<TestPacket> packets = [];
        var at = 0;
        foreach (var packet in root.GetProperty("packets").EnumerateArray())
        {
            var size = int.Parse(packet.GetProperty("size").GetString()!, CultureInfo.InvariantCulture);
            var duration = packet.TryGetProperty("duration", out var told) ? told.GetInt64() : 0;
            if (size == 0) continue;
            packets.Add(new(isVideo, packet.GetProperty("flags").GetString()![0] == 'K', packet.GetProperty("pts").GetInt64(), duration,
                bytes[at..(at + size)]));
            at += size;
        }

        Assert.Equal(bytes.Length, at);
        var first = Math.Min(0, packets.Min(packet => packet.Time));
        return (root.GetProperty("streams")[0], [.. packets.Select(packet => packet with { Time = packet.Time - first })]);
    }

    private static VideoTrack VideoTrackOf(JsonElement stream)
    {
        var track = new VideoTrack(Text(stream, "codec_name"), TickOf(stream), stream.GetProperty("width").GetInt32(),
            stream.GetProperty("height").GetInt32())
        {
            Configuration = ConfigurationOf(stream),
            FrameNanoseconds = Text(stream, "avg_frame_rate").Split('/') is [var over, var under]
                && Text(stream, "avg_frame_rate") == Text(stream, "r_frame_rate")
                ? (long)Math.Round(1e9 * int.Parse(under, CultureInfo.InvariantCulture) / int.Parse(over, CultureInfo.InvariantCulture))
                    : 0,
        };
        return Text(stream, "sample_aspect_ratio").Split(':') is not [var wide, var high] || wide is "0" ? track : track with
        {
            PixelWidth = int.Parse(wide, CultureInfo.InvariantCulture),
            PixelHeight = int.Parse(high, CultureInfo.InvariantCulture),
        };
    }

    private static AudioTrack AudioTrackOf(JsonElement stream) =>
        new(Text(stream, "codec_name"), TickOf(stream), int.Parse(Text(stream, "sample_rate"), CultureInfo.InvariantCulture),
            stream.GetProperty("channels").GetInt32())
        {
            Configuration = ConfigurationOf(stream),
        };

    private static Tick TickOf(JsonElement stream)
    {
        var parts = Text(stream, "time_base").Split('/');
        return new(long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    // "00000000: 0164 000c ffe1  .d.." : 16 bytes a line.
    private static byte[] ConfigurationOf(JsonElement stream) =>
        [.. Text(stream, "extradata").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => Convert.FromHexString(line[(line.IndexOf(':') + 1)..].TrimStart().Split("  ")[0].Replace(" ", "")))];

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
