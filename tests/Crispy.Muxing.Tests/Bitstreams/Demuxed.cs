using System.Globalization;
using System.Text.Json;
using Crispy.Muxing.Bitstreams;
using Crispy.Testing;

namespace Crispy.Muxing.Tests.Bitstreams;

/// <summary>A packet as ffmpeg's demuxer gives it.</summary>
internal sealed record DemuxedPacket(long? Pts, bool IsKeyframe, byte[] Data);

/// <summary>The first video track of a file as ffmpeg's demuxer gives it, and what ffprobe says of its decoded frames.</summary>
internal sealed record Demuxed(string Codec, byte[] Extradata, IReadOnlyList<DemuxedPacket> Packets)
{
    /// <summary>Makes a file by ffmpeg from a moving test picture.</summary>
    public static async Task<string> MakeAsync(TempFolder folder, string name, string encoder, int frames = 100,
        string size = "160x128", int rate = 25)
    {
        await Command.RunAsync("ffmpeg",
            ["-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate={rate}", "-frames:v", $"{frames}",
            "-pix_fmt", "yuv420p", "-threads", "1", .. encoder.Split(' '), folder[name]]);
        return folder[name];
    }

    public static async Task<Demuxed> ReadAsync(string path)
    {
        // All packets' bytes behind each other in one file, and their sizes from ffprobe.
        await Command.RunAsync("ffmpeg", "-y", "-v", "error", "-i", path, "-map", "0:v:0", "-c", "copy", "-f", "data", path + ".data");
        using var json =
            JsonDocument.Parse(await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_streams", "-show_data",
            "-show_entries", "stream=codec_name,extradata:packet=pts,size,flags", "-of", "json", path));
        var bytes = await File.ReadAllBytesAsync(path + ".data");
        var packets = new List<DemuxedPacket>();
        var at = 0;
        foreach (var packet in json.RootElement.GetProperty("packets").EnumerateArray())
        {
            var size = int.Parse(packet.GetProperty("size").GetString()!, CultureInfo.InvariantCulture);
            long? pts = packet.TryGetProperty("pts", out var time) ? time.GetInt64() : null;
            packets.Add(new(pts, packet.GetProperty("flags").GetString()!.Contains('K', StringComparison.Ordinal), bytes[at..(at + size)]));
            at += size;
        }

        Assert.Equal(bytes.Length, at);
        var stream = json.RootElement.GetProperty("streams")[0];
        var extradata = stream.TryGetProperty("extradata", out var dump) ? FromDump(dump.GetString()!) : [];
        return new(stream.GetProperty("codec_name").GetString()!, extradata, packets);
    }

    /// <summary>What is said of each packet.</summary>
    public List<PictureInfo> LookAtAll(VideoBitstream? bitstream = null)
    {
        bitstream ??= VideoBitstream.Of(Codec, Extradata);
        return [.. Packets.Select(packet => bitstream.Look(packet.Data, packet.IsKeyframe))];
    }

    /// <summary>The place of each packet's time among all of them.</summary>
    public List<long> Ranks()
    {
        var sorted = Packets.Select(packet => packet.Pts!.Value).Order().ToList();
        return [.. Packets.Select(packet => (long)sorted.BinarySearch(packet.Pts!.Value))];
    }

    /// <summary>MD5 of each picture that a decoder gives for a file.</summary>
    public static async Task<List<string>> PicturesAsync(string path, string? format = null)
    {
        string[] input = format is null ? ["-i", path] : ["-f", format, "-i", path];
        var result =
            await Command.RunAsync("ffmpeg", ["-v", "error", .. input, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
        return [.. result.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
    }

    // "00000000: 0164 0014 ffe1 ...  .d.....", 16 bytes a line.
    private static byte[] FromDump(string dump) =>
        [.. dump.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => Convert.FromHexString(line.Substring(10, 40).Replace(" ", "", StringComparison.Ordinal)))];
}
