using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

public sealed class FileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_packet_of_a_file_is_in_exactly_one_object()
    {
        var source = await TestVideo.CreateAsync(_folder["gate.mp4"],
            new() { Size = "1920x1080", Seconds = 15, BFrames = 2, Gop = 30, Audio = "aac",
                Extra = ["-preset", "ultrafast", "-b:v", "4M"] });

        await using var run = await AppHostRun.ToEndAsync("--once", source);

        Assert.True(run.ExitCode == 0, run.Output);
        var chunks = Stored.Chunks(run, "gate");
        Assert.Equal(5, chunks.Count);
        await Stored.AssertJudgedAsync(run, "gate", source);
        Assert.Equal(["verified"], chunks.Select(chunk => (string?)chunk.Entry["signature"]).Distinct());
        var resolution = chunks[0].Entry["resolution"]!;
        Assert.Equal((1080, 1920, 3), ((int)resolution["height"]!, (int)resolution["width"]!, (int)resolution["channels"]!));
        var line = run.ClosingLine;
        Assert.Equal((5, 5, 5, 0, 0, 450), (line["chunks"], line["stored"], line["logged"], line["lost"], line["dead"], line["frames"]));
        Assert.Equal(chunks.Sum(chunk => new FileInfo(chunk.Path).Length), line["bytes"]);
    }

    [Fact]
    public async Task A_third_of_the_frames_plays_at_real_speed_in_exact_windows()
    {
        var source = await TestVideo.CreateAsync(_folder["gate.mp4"],
            new() { Size = "640x360", Seconds = 12, BFrames = 2, Gop = 50, Audio = "aac" });

        await using var run =
            await AppHostRun.ToEndAsync("--once", source, "--mode", "transcode", "--every-nth-frame", "3", "--container", "mp4");

        Assert.True(run.ExitCode == 0, run.Output);
        var chunks = Stored.Chunks(run, "gate");
        Assert.Equal([3m, 3m, 3m, 3m], chunks.Select(chunk => chunk.Seconds));
        foreach (var chunk in chunks)
        {
            AssertNear(3m, await Ffprobe.DurationOfVideoAsync(chunk.Path), 0.001m);
            var times = (await Ffprobe.PacketsAsync(chunk.Path)).Select(packet => packet.Pts!.Value).Order().ToList();
            Assert.Equal(30, times.Count);
            for (var n = 0; n < times.Count; n++) AssertNear(n / 10m, times[n] - times[0], 0.001m);
        }
        Assert.Equal(120, run.ClosingLine["frames"]);
    }

    [Fact]
    public async Task Eight_sources_of_different_kinds_do_not_disturb_each_other()
    {
        TestVideoOptions[] kinds =
        [
            new() { Size = "320x240", Codec = "h264", BFrames = 2, Audio = "aac" },
            new() { Size = "640x480", Codec = "hevc" },
            new() { Size = "176x144", Codec = "mjpeg" },
            new() { Size = "1280x720", Codec = "h264", Fps = "30000/1001" },
            new() { Size = "640x360", Codec = "h264", Fps = "15", Audio = "pcm" },
            new() { Size = "320x180", Codec = "mpeg4" },
            new() { Size = "400x300", Codec = "hevc", Fps = "50" },
            new() { Size = "320x240", Codec = "h264", Grey = true },
        ];
        string[] extensions = ["mp4", "mkv", "avi", "ts", "mov", "avi", "mp4", "mkv"];
        var sources = new List<string>();
        for (var n = 0; n < kinds.Length; n++)
            sources.Add(await TestVideo.CreateAsync(_folder[$"cam{n}.{extensions[n]}"], kinds[n] with { Seconds = 7 }));

        await using var run = await AppHostRun.ToEndAsync(["--once", .. sources]);

        Assert.True(run.ExitCode == 0, run.Output);
        for (var n = 0; n < kinds.Length; n++)
        {
            await Stored.AssertJudgedAsync(run, $"cam{n}", sources[n]);
            var chunks = Stored.Chunks(run, $"cam{n}");
            Assert.Equal(kinds[n].Size, $"{chunks[0].Entry["resolution"]!["width"]}x{chunks[0].Entry["resolution"]!["height"]}");
            Assert.Equal(kinds[n].Grey ? 1 : 3, (int)chunks[0].Entry["resolution"]!["channels"]!);
        }
    }

    [Fact]
    public async Task Two_runs_at_once_do_not_meet()
    {
        var sources = new[] { "gate", "door" };
        foreach (var name in sources) await TestVideo.CreateAsync(_folder[$"{name}.mp4"], new() { Seconds = 7 });

        var runs = await Task.WhenAll(sources.Select(name => AppHostRun.ToEndAsync("--once", _folder[$"{name}.mp4"], "--container", "ts")));

        foreach (var (run, name) in runs.Zip(sources))
        {
            await using var ended = run;
            Assert.True(ended.ExitCode == 0, ended.Output);
            Assert.Equal([name], Stored.Chunks(ended).Select(chunk => chunk.Name.Stream).Distinct());
            Assert.Equal(210, ended.ClosingLine["frames"]);
        }
    }

    [Fact]
    public async Task A_second_run_in_the_same_folder_goes_on_where_the_first_one_ended()
    {
        var source = await TestVideo.CreateAsync(_folder["gate.mp4"], new() { Seconds = 7 });
        await using var first = AppHostRun.StartAs(["--data", _folder["data"], "--once", source]);
        await first.WaitForExitAsync();
        await using var second = AppHostRun.StartAs(["--data", _folder["data"], "--once", source]);
        await second.WaitForExitAsync();

        Assert.True(first.ExitCode == 0, first.Output);
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.Equal((3, 3), (second.ClosingLine["chunks"], second.ClosingLine["logged"]));
        Assert.Equal(6, File.ReadAllLines(_folder["data", "chunks.jsonl"]).Length);
    }

    private static void AssertNear(decimal expected, decimal actual, decimal tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{actual} is not within {tolerance} of {expected}");
}
