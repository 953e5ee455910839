using System.Globalization;

namespace Crispy.Judge.Tests.Property;

/// <summary>A source made at random: the same seed makes the same one.</summary>
internal sealed class RandomSource
{
    private static readonly string[] Rates = ["5", "10", "12.5", "15", "24000/1001", "25", "30000/1001", "50", "60"];

    private readonly Random _random;
    private readonly List<string> _words = [];
    private readonly List<string> _commands = [];
    private readonly List<Func<string, Task>> _steps = [];
    private string _size = "96x64";
    private string _sar = "";
    private int _gop;
    private string _rate = "25";

    public RandomSource(int seed)
    {
        Seed = seed;
        _random = new(seed);
        Codec = OneOf("h264", "h264", "h264", "h264", "h264", "hevc", "hevc", "mpeg4", "mpeg2video", "mjpeg", "vp8", "vp9", "av1");
        Extension = OneOf(Codec switch
        {
            "h264" => ["mkv", "mp4", "ts", "ts", "ts", "avi", "flv", "mov", "h264"],
            "hevc" => ["mkv", "mp4", "ts", "mov", "hevc"],
            "mpeg4" => ["mkv", "mp4", "ts", "avi", "mov"],
            "mpeg2video" => ["mkv", "ts", "mpg"],
            "mjpeg" => ["mkv", "avi", "mov"],
            "av1" => ["mkv", "mp4"],
            _ => (string[])["webm", "mkv"],
        });
        Container = OneOf(Codec is "h264" or "hevc" or "mpeg4" or "mpeg2video" ? ["mkv", "mp4", "ts"] : (string[])["mkv", "mp4"]);
        if (Codec == "vp8") Container = "mkv";
        Window = OneOf("0.5", "1", "2");
        _words.AddRange([Codec, $"in {Extension}", $"stored as {Container}", $"window {Window} s"]);
        if (Chance(0.1)) Word(_size = OneOf("64x48", "128x96", "98x66"));
        if (Chance(0.1)) Word($"sar {_sar = OneOf("12/11", "4/3")}");
        _gop = _random.Next(3, 31);
        _rate = Codec == "mpeg2video" ? OneOf("25", "50", "30000/1001", "60") : Extension == "avi" || IsBare
            ? OneOf("25", "10", "15", "30", "30000/1001")
            : OneOf(Rates);
        Plan();
    }

    public int Seed { get; }

    public string Codec { get; }

    public string Extension { get; }

    /// <summary>The container of the chunks.</summary>
    public string Container { get; }

    /// <summary>Seconds of a chunk.</summary>
    public string Window { get; }

    /// <summary>What it is, in words.</summary>
    public string What => string.Join(", ", _words);

    /// <summary>Commands of a shell that make it, in an empty folder.</summary>
    public string Commands => string.Join('\n', _commands);

    /// <summary>The file's name.</summary>
    public string Name => $"in.{Extension}";

    /// <summary>The name of a file with the same pictures and the right times, where it has none itself; else null.</summary>
    public string? Truth { get; private set; }

    private bool IsBare => Extension is "h264" or "hevc";

    private bool IsTransport => Extension == "ts";

    /// <summary>Makes it in a folder.</summary>
    public async Task MakeAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var step in _steps) await step(folder);
    }

    private void Plan()
    {
        var frames = _random.Next(20, 90);
        if (IsBare || Extension == "avi")
        {
            Truth = Codec == "mjpeg" || (Extension == "avi" && Codec == "mpeg4") ? null : "truth.mp4";
            Encode(Truth ?? Name, frames, "", Options(out _), Truth is not null || !Chance(0.5) ? null : "pcm_s16le");
            if (Truth is not null) Ffmpeg("-i", Truth, "-c", "copy", "-bsf:v", $"{Codec}_mp4toannexb", Name);
            return;
        }
        if (Extension == "mpg")
        {
            // Few of its pictures have times, and what libavformat makes up for the others is not theirs.
            Truth = "truth.mp4";
            Encode(Truth, frames, "", Options(out _), null);
            var sound = Sound();
            Ffmpeg(["-i", Truth, .. sound is null ? [] : SoundInput(sound, frames / Fps), "-c:v", "copy",
                .. sound is null ? (string[])[] : ["-c:a", sound], .. Offset(), "-f", "vob", Name]);
            return;
        }
        if (IsTransport && Chance(0.5))
        {
            Pieces(frames);
            return;
        }
        var timing = Codec is "mpeg2video" ? "" : Timing(frames);
        var trimmed = Extension is "mp4" or "mov" && Codec != "mjpeg" && Chance(0.25);
        var file = trimmed ? $"full.{Extension}" : Name;
        Encode(file, frames, timing, [.. Options(out _), .. Offset()], Sound());
        if (trimmed)
        {
            var start = (frames / Fps * _random.NextDouble() * 0.6).ToString("0.###", CultureInfo.InvariantCulture);
            Word($"trimmed to begin at {start} s by an edit list");
            Ffmpeg("-ss", start, "-i", file, "-c", "copy", Name);
        }
        else if (Extension is "mp4" or "mov" && Chance(0.15))
        {
            var degrees = OneOf(90, 180, 270);
            Word($"rotated by {degrees}");
            _commands.Add($"# and the display matrix of {Name} turned by {degrees} degrees");
            _steps.Add(folder => Task.Run(() => DisplayMatrix.Turn(Path.Combine(folder, Name), degrees)));
        }
    }

    // Transport streams one after another, each with times of its own.
    private void Pieces(int frames)
    {
        var count = _random.Next(2, 4);
        var names = new List<string>();
        var at = 0.0;
        var change = Chance(0.4);
        if (Chance(0.3)) at = Math.Pow(2, 33) / 90000 - 1.4 - _random.NextDouble() * frames / 25.0;
        if (at > 0) Word($"from {S(at)} s, close to the wrap of its clock");
        for (var piece = 0; piece < count; piece++)
        {
            if (piece > 0)
            {
                var jump = OneOf("none", "hole", "hole", "far", "back");
                var seconds = jump switch { "hole" => 0.5 + _random.NextDouble() * 8, "far" => 11 + _random.NextDouble() * 80,
                    "back" => -(1.5 + _random.NextDouble() * 80), _ => 0 };
                if (seconds < 0 && at + seconds < 0) at = Math.Max(0, at + seconds);
                else at += seconds;
                if (change)
                {
                    _size = OneOf("96x64", "64x48", "128x96");
                    _gop = _random.Next(3, 31);
                }
                var size = change ? $"{_size}, " : "";
                var start = seconds == 0 ? "on at once" : seconds > 0 ? $"{S(seconds)} s later" : $"{S(-seconds)} s back";
                Word($"then {size}{start}");
            }
            names.Add($"p{piece}.ts");
            var options = Options(out _);
            Encode(names[^1], frames, "", [.. options, "-output_ts_offset", S(at)], null);
            at += frames / Fps;
        }
        _commands.Add($"cat {string.Join(' ', names)} > {Name}");
        _steps.Add(async folder =>
        {
            await using var whole = File.Create(Path.Combine(folder, Name));
            foreach (var name in names) await whole.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(folder, name)));
        });
    }

    private double Fps =>
        _rate.Split('/') is [var top, var bottom]
        ? double.Parse(top, CultureInfo.InvariantCulture) / double.Parse(bottom, CultureInfo.InvariantCulture)
        : double.Parse(_rate, CultureInfo.InvariantCulture);

    // Presentation times as an expression of the picture's number, in seconds.
    private string Timing(int frames)
    {
        var step = S6(1 / Fps);
        var at = _random.Next(1, frames);
        var kind = OneOf("steady", "steady", "slower", "pause", "pauses", "uneven", "rare", "rarest");
        if (kind == "steady") return "";
        var factor = _random.Next(2, 40);
        var pause = S(0.3 + _random.NextDouble() * 12);
        Word(kind switch
        {
            "slower" => $"from picture {at} on {factor} times slower",
            "pause" => $"a pause of {pause} s before picture {at}",
            "pauses" => $"a pause of {pause} s every {at} pictures",
            "uneven" => "uneven steps",
            "rare" => $"from picture {at} on one each 8 s",
            _ => $"from picture {frames - 2} on one each 10 min",
        });
        return kind switch
        {
            "slower" => $"if(lt(N,{at}),N,{at}+(N-{at})*{factor})*{step}",
            "pause" => $"N*{step}+if(lt(N,{at}),0,{pause})",
            "pauses" => $"N*{step}+floor(N/{at})*{pause}",
            "uneven" => $"(N+0.4*mod(N*7,5)/5)*{step}",
            "rare" => $"if(lt(N,{at}),N*{step},{at}*{step}+(N-{at})*8)",
            _ => $"if(lt(N,{frames - 2}),N*{step},{frames - 2}*{step}+(N-{frames - 2})*600)",
        };
    }

    private List<string> Options(out int bFrames)
    {
        bFrames = Chance(0.5) ? _random.Next(1, 4) : 0;
        var open = bFrames > 0 && Chance(0.3);
        var gop = _gop.ToString(CultureInfo.InvariantCulture);
        switch (Codec)
        {
            case "h264":
                var refresh = bFrames == 0 && Chance(0.1);
                // Fields need a height of whole pairs of macroblock rows.
                var fields = !refresh && Chance(0.1) && _size != "98x66";
                Word($"gop {gop}, {bFrames} b-frames{(open ? ", open gop" : "")}"
                    + $"{(refresh ? ", intra refresh" : "")}{(fields ? ", interlaced" : "")}");
                return ["-preset", "ultrafast", "-bf", $"{bFrames}", "-g", gop, "-keyint_min", refresh ? "1" : gop, "-sc_threshold", "0",
                    "-x264-params",
                    $"open-gop={(open ? 1 : 0)}:b-adapt=0{(refresh ? ":intra-refresh=1" : "")}{(fields ? ":tff=1" : "")}"
                        + $"{(Chance(0.3) ? ":aud=1" : "")}{(Chance(0.2) ? ":slices=3" : "")}{(Chance(0.2) ? ":repeat-headers=1" : "")}",
                    .. fields ? (string[])["-flags", "+ildct+ilme"] : []];
            case "hevc":
                Word($"gop {gop}, {bFrames} b-frames{(open ? ", open gop" : "")}");
                return ["-preset", "ultrafast", "-x265-params",
                    $"log-level=error:pools=1:frame-threads=1:keyint={gop}:min-keyint={gop}:scenecut=0:"
                        + $"bframes={bFrames}:b-adapt=0:open-gop={(open ? 1 : 0)}"];
            case "mpeg4":
                bFrames = Math.Min(bFrames, Extension is "avi" or "ts" ? 0 : 2);
                Word($"gop {gop}, {bFrames} b-frames");
                return ["-bf", $"{bFrames}", "-g", gop, "-q:v", "5"];
            case "mpeg2video":
                bFrames = Math.Min(bFrames, 2);
                Word($"gop {gop}, {bFrames} b-frames");
                return ["-bf", $"{bFrames}", "-g", gop, "-q:v", "5"];
            case "mjpeg":
                return ["-q:v", "5"];
            case "av1":
                Word($"gop {gop}");
                return ["-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", gop, "-b:v", "100k"];
            default:
                Word($"gop {gop}");
                return ["-deadline", "realtime", "-cpu-used", "8", "-g", gop, "-b:v", "100k"];
        }
    }

    private string[] Offset()
    {
        if (!Chance(0.25) || Extension is "webm") return [];
        var offset = S(IsTransport && Chance(0.5) ? Math.Pow(2, 33) / 90000 - 1.4 - _random.NextDouble() * 2 : _random.NextDouble() * 40);
        Word($"from {offset} s on");
        return ["-output_ts_offset", offset];
    }

    private string? Sound() => !Chance(0.4) ? null : Extension switch
    {
        "mkv" => OneOf("aac", "ac3", "libopus", "pcm_s16le"),
        "mov" => OneOf("aac", "pcm_s16le"),
        "webm" => "libopus",
        "mpg" => "mp2",
        "flv" => "aac",
        _ => OneOf("aac", "ac3"),
    };

    private void Encode(string name, int frames, string timing, IReadOnlyList<string> options, string? sound)
    {
        var seconds = frames / Fps;
        List<string> arguments = ["-f", "lavfi", "-i", $"testsrc2=size={_size}:rate={_rate}:duration={S(seconds + 5)}"];
        if (sound is not null) arguments.AddRange(SoundInput(sound, seconds));
        // The tick must hold the rate: MPEG-4 allows no finer one than 1/65535 s.
        var tick = Codec == "mpeg4" || Extension is "mkv" or "webm" or "flv" ? 1000 : 90000;
        var filters = new List<string>();
        if (timing.Length > 0) filters.Add($"settb=1/{tick},setpts='round(({timing})*{tick})'");
        if (_sar.Length > 0) filters.Add($"setsar={_sar}");
        if (filters.Count > 0) arguments.AddRange(["-vf", string.Join(',', filters)]);
        if (timing.Length > 0) arguments.AddRange(["-fps_mode", "passthrough", "-enc_time_base:v", $"1:{tick}"]);
        arguments.AddRange(
            ["-frames:v", $"{frames}", "-pix_fmt", Codec == "mjpeg" ? "yuvj420p" : "yuv420p", "-c:v", Encoder,
                "-threads", "1", .. options]);
        if (Path.GetExtension(name) is ".mp4" or ".mov" && timing.Length > 0) arguments.AddRange(["-video_track_timescale", $"{tick}"]);
        if (sound is not null) arguments.AddRange(["-c:a", sound]);
        Ffmpeg([.. arguments, name]);
    }

    private string[] SoundInput(string sound, double seconds)
    {
        var offset = Chance(0.5) ? S(_random.NextDouble() * 2 - (Extension is "webm" or "flv" ? 0 : 0.8)) : "0";
        var length = S(seconds * (0.5 + _random.NextDouble()));
        Word($"{sound} of {length} s from {offset} s");
        return ["-itsoffset", offset, "-f", "lavfi", "-i", $"sine=frequency=440:sample_rate=48000:duration={length}"];
    }

    private string Encoder => Codec switch
    {
        "h264" => "libx264",
        "hevc" => "libx265",
        "vp8" => "libvpx",
        "vp9" => "libvpx-vp9",
        "av1" => "libaom-av1",
        _ => Codec,
    };

    private void Ffmpeg(params string[] arguments)
    {
        string[] all = ["-v", "error", "-nostdin", "-y", .. arguments];
        _commands.Add($"ffmpeg {string.Join(' ', all.Select(word => word.All(IsPlain) ? word : $"\"{word}\""))}");
        _steps.Add(async folder =>
        {
            var result = await Command.TryAsync("ffmpeg", all, folder);
            if (result.ExitCode != 0)
                throw new InvalidOperationException($"source {Seed} ({What}) cannot be made: {result.Error}\n{Commands}");
        });
    }

    private static bool IsPlain(char letter) => char.IsLetterOrDigit(letter) || "-_=:./+".Contains(letter);

    private void Word(string word) => _words.Add(word);

    private bool Chance(double part) => _random.NextDouble() < part;

    private T OneOf<T>(params T[] values) => values[_random.Next(values.Length)];

    private static string S(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static string S6(double seconds) => seconds.ToString("0.#########", CultureInfo.InvariantCulture);
}
