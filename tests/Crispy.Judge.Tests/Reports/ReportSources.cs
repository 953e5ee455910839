namespace Crispy.Judge.Tests.Reports;

/// <summary>Sources of the kinds on which others' recorders failed in public reports, made when they are needed.</summary>
/// <param name="folder">Where they are written.</param>
internal sealed class ReportSources(string folder)
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Func<ReportSources, Task<string>>> All { get; } =
        new Dictionary<string, Func<ReportSources, Task<string>>>
    {
        ["01-two-sample-descriptions"] = each => each.TwoSampleDescriptionsAsync(),
        ["08-rotation"] = each => each.RotationAsync(),
        ["08-anamorphic"] = each => each.AnamorphicAsync(),
        ["09-bare-h264"] = each => each.WithoutTimesAsync("h264"),
        ["09-avi"] = each => each.WithoutTimesAsync("avi"),
        ["10-edit-list"] = each => each.EditListAsync(),
        ["11-field-pictures"] = each => each.FieldsAsync(),
        ["12-intra-refresh"] = each => each.IntraRefreshAsync(),
        ["17-wrap"] = each => each.WrapAsync(),
        ["19-night-1"] = each => each.NightAsync(1, 25),
        ["19-night-2"] = each => each.NightAsync(2, 50),
        ["19-night-5"] = each => each.NightAsync(5, 50),
        ["21-open-gop"] = each => each.OpenGopAsync(),
        ["22-time-lapse"] = each => each.TimeLapseAsync(),
        ["26-pauses"] = each => each.PausesAsync(),
        ["forward-5"] = each => each.JumpAsync("forward-5", 0, 11),
        ["forward-60"] = each => each.JumpAsync("forward-60", 0, 66),
        ["back-11"] = each => each.JumpAsync("back-11", 100, 95.1),
        ["back-66"] = each => each.JumpAsync("back-66", 100, 34),
        ["back-mkv"] = each => each.StepBackAsync("mkv"),
        ["back-flv"] = each => each.StepBackAsync("flv"),
        ["size-changes"] = each => each.SizeChangesAsync("size-changes", 8),
        ["size-changes-later"] = each => each.SizeChangesAsync("size-changes-later", 11.5),
        ["sound-before-0"] = each =>
            each.FfmpegAsync("sound-before-0.mp4", [.. Picture("testsrc2", 25, 9), .. Sine(9), .. X264(25, 2), "-c:a", "aac"]),
        ["sound-to-encode"] = each =>
            each.FfmpegAsync("sound-to-encode.mov", [.. Picture("testsrc2", 5, 12), .. Sine(12), .. X264(5), "-c:a", "pcm_s16le"]),
    };

    /// <summary>The file with the right times for a source that has none.</summary>
    public string? Truth(string name) => name.StartsWith("09-", StringComparison.Ordinal) ? this["09-truth.mp4"] : null;

    public string this[string name] => Path.Combine(folder, name);

    private async Task<string> FfmpegAsync(string name, params string[] arguments)
    {
        await Command.RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments, this[name]]);
        return this[name];
    }

    private static string[] Picture(string source, double rate, double seconds, string size = "160x120") =>
        ["-f", "lavfi", "-i", FormattableString.Invariant($"{source}=size={size}:rate={rate}:duration={seconds}")];

    private static string[] Sine(double seconds) =>
        ["-f", "lavfi", "-i", FormattableString.Invariant($"sine=frequency=440:sample_rate=48000:duration={seconds}")];

    private static string[] X264(int gop, int bFrames = 0, string more = "") =>
        ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", $"{bFrames}", "-g", $"{gop}", "-keyint_min", $"{gop}",
        "-sc_threshold", "0", .. more.Length > 0 ? (string[])["-x264-params", more] : []];

    private async Task<string> TwoSampleDescriptionsAsync()
    {
        var first = await FfmpegAsync("01-a.h264",
            [.. Picture("testsrc2", 25, 8), .. X264(25, more: "aud=1:cabac=1:8x8dct=1:ref=3"), "-preset", "veryfast"]);
        var second = await FfmpegAsync("01-b.h264",
            [.. Picture("testsrc", 25, 8), .. X264(25, more: "aud=1:cabac=0:8x8dct=0:ref=1:weightp=0"), "-preset", "veryfast"]);
        TwoSampleDescriptions.Write(this["01.mp4"], await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(second), 160, 120);
        return this["01.mp4"];
    }

    private async Task<string> RotationAsync()
    {
        var path = await FfmpegAsync("08.mp4", [.. Picture("testsrc2", 25, 9), .. X264(25)]);
        DisplayMatrix.Turn(path, 90);
        return path;
    }

    private Task<string> AnamorphicAsync() =>
        FfmpegAsync("08-sar.mp4", [.. Picture("testsrc2", 25, 9, "176x144"), "-vf", "setsar=12/11", .. X264(25)]);

    private async Task<string> WithoutTimesAsync(string extension)
    {
        if (!File.Exists(this["09-truth.mp4"]))
            await FfmpegAsync("09-truth.mp4", [.. Picture("testsrc2", 30, 9), .. X264(30, 3, "b-adapt=0")]);
        return await FfmpegAsync($"09.{extension}", "-i", this["09-truth.mp4"], "-c", "copy", "-bsf:v", "h264_mp4toannexb");
    }

    private async Task<string> EditListAsync()
    {
        var full = await FfmpegAsync("10-full.mp4",
            [.. Picture("testsrc2", 25, 15), "-f", "lavfi", "-i", "sine=duration=15", .. X264(100, 2), "-preset",
                "veryfast", "-c:a", "aac"]);
        return await FfmpegAsync("10.mp4", "-ss", "6.4", "-i", full, "-t", "8", "-c", "copy");
    }

    private Task<string> FieldsAsync()
    {
        FieldPictures.Write(this["11.ts"], 225);
        return Task.FromResult(this["11.ts"]);
    }

    private Task<string> IntraRefreshAsync() =>
        FfmpegAsync("12.ts",
            [.. Picture("testsrc2", 25, 12), "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25",
                "-x264-params", "intra-refresh=1"]);

    private Task<string> WrapAsync() =>
        FfmpegAsync("17.ts", [.. Picture("testsrc2", 25, 12), .. X264(25, 2), "-output_ts_offset", "95436.3"]);

    private Task<string> NightAsync(int rate, int declared) => FfmpegAsync($"19-{rate}.mkv", [.. Picture("testsrc2", declared, 60),
        "-vf", $"select='if(lt(t,12),not(mod(n,{declared}/25)),not(mod(n,{declared}/{rate})))'", "-fps_mode", "passthrough",
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0", "-force_key_frames",
        "expr:gte(t,n_forced*2)", "-g", "1000", "-sc_threshold", "0"]);

    private Task<string> OpenGopAsync() =>
        FfmpegAsync("21.ts", [.. Picture("testsrc2", 25, 12), "-pix_fmt", "yuv420p", "-c:v", "libx265", "-preset", "ultrafast",
        "-x265-params", "log-level=error:pools=1:keyint=25:min-keyint=25:scenecut=0:bframes=4:b-adapt=0:open-gop=1"]);

    private Task<string> TimeLapseAsync() =>
        FfmpegAsync("22.ts", [.. Picture("testsrc2", 25, 84), "-vf", "select='lt(t,4)+not(mod(n,200))'", "-fps_mode", "passthrough",
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25", "-keyint_min", "1",
        "-force_key_frames", "expr:gte(t,4)"]);

    private Task<string> PausesAsync() =>
        FfmpegAsync("26.mkv", [.. Picture("testsrc2", 25, 80), "-vf", "select='lt(mod(t,12),10)'", "-fps_mode", "passthrough",
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-bf", "0", "-force_key_frames",
        "expr:gte(t,n_forced*2)", "-g", "1000", "-sc_threshold", "0"]);

    private async Task<string> JumpAsync(string name, double first, double second)
    {
        var a = await FfmpegAsync($"{name}-a.ts",
            [.. Picture("testsrc2", 25, 6), .. X264(25), "-output_ts_offset", FormattableString.Invariant($"{first}")]);
        var b = await FfmpegAsync($"{name}-b.ts",
            [.. Picture("testsrc", 25, 6), .. X264(25), "-output_ts_offset", FormattableString.Invariant($"{second}")]);
        await File.WriteAllBytesAsync(this[$"{name}.ts"], [.. await File.ReadAllBytesAsync(a), .. await File.ReadAllBytesAsync(b)]);
        return this[$"{name}.ts"];
    }

    // The muxer refuses a picture before its decoding time: all are moved on by 20 s.
    private async Task<string> StepBackAsync(string extension)
    {
        var steady = await FfmpegAsync("back-steady.mkv", [.. Picture("testsrc2", 25, 12), .. X264(25)]);
        return await FfmpegAsync($"back.{extension}", "-i", steady, "-c", "copy", "-bsf:v",
            "setts=pts='if(lt(N,150),PTS,PTS-5960)+20000':dts='DTS'");
    }

    private async Task<string> SizeChangesAsync(string name, double second)
    {
        var a = await FfmpegAsync($"{name}-a.ts", [.. Picture("testsrc2", 25, 8), .. X264(25)]);
        var b = await FfmpegAsync($"{name}-b.ts",
            [.. Picture("testsrc", 25, 8, "128x96"), .. X264(25), "-output_ts_offset", FormattableString.Invariant($"{second}")]);
        await File.WriteAllBytesAsync(this[$"{name}.ts"], [.. await File.ReadAllBytesAsync(a), .. await File.ReadAllBytesAsync(b)]);
        return this[$"{name}.ts"];
    }
}
