using System.Globalization;
using Crispy.Media;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Writing;

/// <summary>Compares a written chunk with its source by ffprobe and ffmpeg, and by Crispy's own reader.</summary>
internal static class ChunkJudge
{
    /// <summary>What a container's ticks and rounding may hide, in seconds.</summary>
    public static double Rounding(string container) => container == "mkv" ? 0.000501 : container == "mp4" ? 0.000001 : 0.0000062;

    public static async Task AssertAsync(TestSource source, string container, string path, bool samePackets = true)
    {
        await AssertPacketsAsync(source.VideoPackets, source.Video.Tick, container, path, "v:0", samePackets);
        if (source.Audio is not null) await AssertPacketsAsync(source.AudioPackets, source.Audio.Tick, container, path, "a:0", samePackets);
        await AssertDecodesAsync(path);
        Assert.Equal(await PicturesAsync(source.VideoPath), await PicturesAsync(path));
        await AssertDurationAsync(source, container, path);
        AssertReader(source, container, path);
    }

    public static async Task AssertDecodesAsync(string path)
    {
        var result = await Command.TryAsync("ffmpeg", ["-v", "error", "-xerror", "-nostdin", "-i", path, "-map", "0", "-f", "null",
            "-fps_mode", "passthrough", "-"]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    public static async Task<IReadOnlyList<string>> PicturesAsync(string path)
    {
        var output = await Command.RunAsync("ffmpeg", "-v", "error", "-nostdin", "-noautorotate", "-i", path, "-map", "0:v:0",
            "-fps_mode", "passthrough", "-f", "framemd5", "-");
        return [.. output.Split('\n',
            StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
                .Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
    }

    private static async Task AssertPacketsAsync(IReadOnlyList<TestPacket> expected, Tick tick, string container, string path,
        string stream, bool same)
    {
        var packets = await Ffprobe.PacketsAsync(path, stream);
        Assert.Equal(expected.Count, packets.Count);
        var offset = container == "ts" ? TsOffset : 0;
        for (var i = 0; i < packets.Count; i++)
        {
            var time = TestSource.Seconds(tick, expected[i].Time) + offset;
            Assert.True(Math.Abs((double)packets[i].Pts!.Value - time) <= Rounding(container),
                $"{stream} packet {i}: {packets[i].Pts} for {time}");
            Assert.True(packets[i].IsKeyframe == expected[i].IsKeyframe, $"{stream} packet {i}: keyframe {packets[i].IsKeyframe}");
            if (same) Assert.Equal(Hash(expected[i].Data), packets[i].DataHash);
        }
    }

    // What every time in a transport stream has in addition.
    private const double TsOffset = 1.4;

#pragma warning disable CA5351 // ffprobe's word for the bytes, no protection.
    private static string Hash(byte[] data) => "MD5:" + Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(data));
#pragma warning restore CA5351

    // ffprobe counts from where a file or a stream begins; Matroska says its duration itself.
    private static async Task AssertDurationAsync(TestSource source, string container, string path)
    {
        if (container == "ts") return;
        var root = await Ffprobe.JsonAsync(path, "-show_format", "-show_streams");
        var first = TestSource.Seconds(source.Video.Tick, source.VideoPackets.Min(packet => packet.Time));
        var begin = container == "mkv" ? 0
            : source.Audio is null ? first : Math.Min(first, TestSource.Seconds(source.Audio.Tick,
                source.AudioPackets.Min(packet => packet.Time)));
        Assert.Equal(source.EndSeconds - begin, DurationOf(root.GetProperty("format")), 0.000002);
        if (container != "mp4") return;
        var stream = root.GetProperty("streams").EnumerateArray().First(one => one.GetProperty("codec_type").GetString() == "video");
        Assert.Equal(source.EndSeconds - first, DurationOf(stream), 0.000002);
    }

    private static double DurationOf(System.Text.Json.JsonElement part) =>
        double.Parse(part.GetProperty("duration").GetString()!, CultureInfo.InvariantCulture);

    private static void AssertReader(TestSource source, string container, string path)
    {
        var facts = ChunkReader.Read(path);
        Assert.Equal(Damage.None, facts.Damage);
        Assert.Equal(container, facts.Container);
        Assert.Equal(source.VideoPackets.Count, facts.Frames);
        Assert.Equal(source.VideoPackets.Count(packet => packet.IsKeyframe), facts.Keyframes);
        Assert.Equal(source.VideoPackets[0].IsKeyframe, facts.StartsWithKeyframe);
        Assert.Equal(source.Audio is not null, facts.HasAudio);
        if (container == "ts") return;
        var first = TestSource.Seconds(source.Video.Tick, source.VideoPackets.Min(packet => packet.Time));
        Assert.Equal(first, facts.FirstPts.TotalSeconds, Rounding(container));
        Assert.Equal(source.EndSeconds - first, facts.Duration.TotalSeconds, 2 * Rounding(container));
    }
}
