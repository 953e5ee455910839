using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Crispy.Judge;

/// <summary>Reads files by ffprobe and ffmpeg, a few at once.</summary>
/// <param name="folder">Where ffprobe and ffmpeg lie; null looks in PATH.</param>
public sealed class MediaReader(string? folder = null)
{
    private const int Batch = 8;

    /// <summary>Shows what a container's edit list hides.</summary>
    public static readonly string[] WithHidden = ["-ignore_editlist", "1"];

    /// <summary>Reads on where minutes of sound stand between the first two pictures,
    /// without which a transport stream's have no size.</summary>
    public static readonly string[] WithPatience = ["-analyzeduration", "600M"];

    /// <summary>Shows pictures that lack what they refer to.
    /// Without it a decoder that is at its end with such a picture forgets those after it (ffmpeg 5.1).</summary>
    public static readonly string[] WithBroken = ["-flags", "+output_corrupt"];

    // Each file is a process or two, and each is short.
    private static readonly SemaphoreSlim Turns = new(Math.Max(2, Environment.ProcessorCount));

    private sealed record Probed(MediaFile File, List<double?> Times, string[] Options);

    private string Program(string name) => folder is null ? name : Path.Combine(folder, name);

    /// <summary>Reads one file.</summary>
    /// <param name="path">A file, or an address that ffmpeg opens.</param>
    /// <param name="options">ffmpeg's, of the input.</param>
    public async Task<MediaFile> ReadAsync(string path, params string[] options) => (await ReadAllAsync([(path, options)]))[0];

    /// <summary>Reads several files, each as if it were alone.</summary>
    public async Task<IReadOnlyList<MediaFile>> ReadAllAsync(IReadOnlyList<(string Path, string[] Options)> files)
    {
        var probed = await Task.WhenAll(files.Select(file => ProbeAsync(file.Path, file.Options)));
        var decoded = await Task.WhenAll(probed.Chunk(Batch).Select(DecodeAsync));
        return [.. decoded.SelectMany(some => some)];
    }

    private async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments)
    {
        await Turns.WaitAsync();
        try
        {
            return await Command.TryAsync(Program(program), arguments);
        }
        finally
        {
            Turns.Release();
        }
    }

    private async Task<Probed> ProbeAsync(string path, string[] input)
    {
        var video = await RunAsync("ffprobe",
            ["-v", "error", .. input, "-select_streams", "V:0", "-show_packets", "-show_frames", "-show_streams", "-show_format",
                "-show_data_hash", "md5", "-of", "json", path]);
        using var document = Parse(video.Output);
        var root = document.RootElement;
        var streams = root.TryGetProperty("format", out var whole) ? Number(whole, "nb_streams") : 0;
        using var sound = Parse(streams < 2
            ? ""
            : (await RunAsync("ffprobe",
                ["-v", "error", .. input, "-select_streams", "a", "-show_packets", "-show_data_hash", "md5", "-of", "json", path])).Output);
        var heard = Items(sound.RootElement, "packets").Select(entry => ReadPacket(entry, 0)).ToList();
        if (heard.FirstOrDefault() is { IsHidden: true } && !await IsHeardAsync(path, input)) heard.Clear();
        var stream = Items(root, "streams").FirstOrDefault();
        var format = Text(whole, "format_name");
        var tick = Ratio(Text(stream, "time_base")) ?? 1e-6;
        // MPEG's clock has 33 bits of 1/90000 s. What libavformat makes of its wrap depends on where the file begins.
        var wrap = format is "mpegts" or "hls" or "mpeg" or "applehttp" && Math.Abs(tick - 1 / 90000.0) < 1e-9
            ? Math.Pow(2, 33) / 90000
            : 0;
        var entries = Items(root, "packets_and_frames").Concat(Items(root, "packets")).ToList();
        var packets = entries.Where(entry => Text(entry, "type") is "" or "packet").Select(entry => ReadPacket(entry, tick)).ToList();
        var times = entries.Where(entry => Text(entry, "type") == "frame")
            .Select(entry => Ticks(entry, "pts", tick) ?? Ticks(entry, "pkt_pts", tick)).ToList();
        var file = new MediaFile
        {
            Path = path,
            Format = format,
            Codec = Text(stream, "codec_name"),
            Tick = tick,
            Length = double.TryParse(Text(stream, "duration"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0,
            Width = Number(stream, "width"),
            Height = Number(stream, "height"),
            Rotation = (360 - Rotation(stream) % 360) % 360,
            Sar = Text(stream, "sample_aspect_ratio") is { Length: > 0 } sar && sar != "0:1" && sar != "N/A" ? sar : "1:1",
            PixelFormat = Text(stream, "pix_fmt"),
            Video = Unwrap(packets, wrap),
            Sound = heard,
            Complaints = video.ExitCode == 0 ? "" : Told(video.Error),
        };
        return new(file, Unwrap(times, wrap), input);
    }

    // Of sound that an edit list hides, ffprobe names the last packet as if it were shown.
    private async Task<bool> IsHeardAsync(string path, string[] input)
    {
        var counted = await RunAsync("ffprobe", ["-v", "error", .. input, "-select_streams", "a:0", "-count_frames", "-show_entries",
            "stream=nb_read_frames", "-of", "default=nokey=1:noprint_wrappers=1", path]);
        return int.TryParse(counted.Output, CultureInfo.InvariantCulture, out var frames) && frames > 0;
    }

    // All in one process, each with a decoder of its own; one by one where anything complains, so that it is known which.
    private async Task<IReadOnlyList<MediaFile>> DecodeAsync(Probed[] files)
    {
        using var temporary = TempFolder.InMemory();
        var inputs = files.SelectMany(each => (string[])["-threads", "1", .. each.Options, "-noautorotate", "-i", each.File.Path]);
        var outputs = files.SelectMany((each, index) => (string[])
        [
            "-map", $"{index}:V:0", "-fps_mode", "passthrough", "-autoscale", "0", "-f", "framemd5", temporary[$"{index}.md5"],
            .. UnitFilter(each.File.Codec) is { } filter
                ? (string[])["-map", $"{index}:V:0", "-c", "copy", "-copyinkf", .. filter, "-f", "data", temporary[$"{index}.data"]]
                : [],
        ]);
        var result = await RunAsync("ffmpeg", ["-nostdin", "-v", "error", .. inputs, .. outputs]);
        if (files.Length > 1 && (result.ExitCode != 0 || result.Error.Trim().Length > 0))
            return [.. (await Task.WhenAll(files.Select(each => DecodeAsync([each])))).SelectMany(each => each)];
        return [.. files.Select((each, index) => each.File with
        {
            Pictures = Shown(each, Pictures(each.Times, Md5s(temporary[$"{index}.md5"]))),
            Units = File.Exists(temporary[$"{index}.data"])
                ? Units(each.File.Codec, File.ReadAllBytes(temporary[$"{index}.data"]))
                : [.. each.File.Video.Select(packet => packet.Hash)],
            Complaints = Told($"{each.File.Complaints}\n{result.Error}"),
        })];
    }

    // Decoders outside of libavcodec (AV1) are not told what an edit list hides.
    private static IReadOnlyList<Picture> Shown(Probed file, IReadOnlyList<Picture> pictures)
    {
        var hidden = file.Options.Contains(WithHidden[0])
            ? []
            : file.File.Video.Where(packet => packet is { IsHidden: true, Pts: not null }).Select(packet => packet.Pts!.Value).ToHashSet();
        return hidden.Count == 0 ? pictures : [.. pictures.Where(picture => picture.Time is not { } time || !hidden.Contains(time))];
    }

    // ffmpeg's bitstream filter writes units of both layouts, with lengths and with start codes, the same way.
    private static string[]? UnitFilter(string codec) => codec switch
    {
        "h264" => ["-bsf:v", "filter_units=remove_types=7-13|15"],
        "hevc" => ["-bsf:v", "filter_units=remove_types=32-38"],
        "mpeg2video" or "mpeg4" => [],
        _ => null,
    };

    private static List<string> Units(string codec, byte[] data)
    {
        var hashes = new List<string>();
        var rest = data.AsSpan();
        while (rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]) is >= 0 and var start)
        {
            rest = rest[(start + 3)..];
            var end = rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
            var unit = (end < 0 ? rest : rest[..end]).TrimEnd((byte)0);
            if (unit.Length > 0 && IsPicture(codec, unit[0])) hashes.Add(Convert.ToHexStringLower(SHA256.HashData(unit)));
        }
        return hashes;
    }

    private static bool IsPicture(string codec, byte code) => codec switch
    {
        "mpeg2video" => code is >= 1 and <= 0xAF,
        "mpeg4" => code == 0xB6,
        _ => true,
    };

    private static List<string> Md5s(string path) => !File.Exists(path) ? []
        : [.. File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];

    private static List<Picture> Pictures(List<double?> times, List<string> md5s) =>
        [.. md5s.Select((md5, index) => new Picture(times.Count == md5s.Count ? times[index] : null, md5))];

    private static List<MediaPacket> Unwrap(List<MediaPacket> packets, double wrap)
    {
        if (wrap == 0) return packets;
        double? last = null;
        return [.. packets.Select(packet =>
        {
            var pts = Near(packet.Pts, last, wrap);
            last = pts ?? last;
            return packet with { Pts = pts, Dts = Near(packet.Dts, pts ?? last, wrap) };
        })];
    }

    private static List<double?> Unwrap(List<double?> times, double wrap)
    {
        if (wrap == 0) return times;
        double? last = null;
        return [.. times.Select(time => last = Near(time, last, wrap) ?? last)];
    }

    private static double? Near(double? time, double? last, double wrap) =>
        time is { } value && last is { } near ? value + Math.Round((near - value) / wrap) * wrap : time;

    private static JsonDocument Parse(string json) => JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);

    private static MediaPacket ReadPacket(JsonElement entry, double tick) => new(
        Number(entry, "stream_index"), Time(entry, "pts", tick), Time(entry, "dts", tick), Time(entry, "duration", tick) ?? 0,
        Text(entry, "flags").Contains('K', StringComparison.Ordinal), Text(entry, "flags").Contains('D', StringComparison.Ordinal),
        Text(entry, "data_hash"));

    // Exact where the tick is known: the text has six decimals.
    private static double? Time(JsonElement entry, string name, double tick) => tick > 0 ? Ticks(entry, name, tick)
        : double.TryParse(Text(entry, name + "_time"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    private static double? Ticks(JsonElement entry, string name, double tick) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() * tick : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement root, string name) =>
        root.TryGetProperty(name, out var items) ? items.EnumerateArray() : default;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static int Number(JsonElement element, string name) =>
        int.TryParse(Text(element, name), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static int Rotation(JsonElement stream) => stream.ValueKind != JsonValueKind.Object ? 0
        : Items(stream, "side_data_list").Select(data => Number(data, "rotation")).FirstOrDefault(rotation => rotation != 0);

    private static double? Ratio(string text) => text.Split('/') is [var top, var bottom]
        ? double.Parse(top, CultureInfo.InvariantCulture) / double.Parse(bottom, CultureInfo.InvariantCulture) : null;

    // Decoding times are guessed by the demuxer where a container has none, and what it guesses need not rise:
    // nothing of the file is wrong.
    private static string Told(string error) =>
        string.Join('\n',
            error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.Contains("monotonically increasing dts", StringComparison.Ordinal)
                    && !line.Contains(") < dts (", StringComparison.Ordinal)
            && !line.StartsWith("Last message repeated", StringComparison.Ordinal)));
}
