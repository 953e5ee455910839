namespace Crispy.Bench.Throughput;

/// <summary>What the turns come to.</summary>
internal static class Summary
{
    private const string StartCpu = "of it, the start of stream-handle alone";

    public static int Write(int frames, List<Turn> crispy, List<Turn> baseline, IReadOnlyList<Spent> start)
    {
        List<double> own = [.. crispy.Select(turn => frames / turn.Seconds)], other = [.. baseline.Select(turn => frames / turn.Seconds)];
        double[] turns = [.. own.Select((_, index) => (double)index)];
        string[] columns = ["process", "CPU s for 1,000 frames", "peak RSS MB", "peak PSS MB, all"];
        return Results.Write(new()
        {
            Bench = "throughput",
            About = "A 1080p30 H.264 file of 4 Mbit/s, as fast as it goes, through the whole local pipeline until the last object is "
                + "stored (chunks fsync'd, hashed, signed, queued, uploaded, verified, logged), against ffmpeg's segment muxer and then "
                + "parallel curl PUTs of the same chunks to the same server, in turns.",
            Figures = [.. Figures(frames, crispy, own, other)],
            Tables =
            [
                new("Speed, median (and spread)", ["", "frames/s", "seconds", "chunks", "MB"],
                    [Row("Crispy", crispy, own), Row("ffmpeg, then curl", baseline, other)]),
                new("Crispy, by process", columns, [.. Processes(frames, crispy), [StartCpu, Cpu(start, "stream-handle", frames), "", ""]]),
                new("ffmpeg and curl, by process", columns, [.. Processes(frames, baseline)]),
            ],
            Plots =
            [
                new("speed", "A file as fast as it goes", "", "frames/s",
                    [new("Crispy", turns, own), new("ffmpeg, then curl", turns, other)])
                {
                    Bars = [.. turns.Select(turn => $"turn {turn + 1}")],
                },
                new("cpu", "CPU for 1,000 frames", "", "seconds",
                    [Bars("Crispy", crispy, frames), Bars("ffmpeg, then curl", baseline, frames)])
                {
                    Bars = [.. Names(crispy)],
                },
            ],
        }, new { frames, crispy, baseline, start });
    }

    private static Figure[] Figures(int frames, List<Turn> crispy, List<double> own, List<double> other)
    {
        double[] ratio = [.. own.Zip(other, (mine, theirs) => mine / theirs)];
        double[] cpu = [.. crispy.Select(turn => PipelineCpu(turn) / frames * 1000)];
        return
        [
            Statistics.Figure("throughput.frames", "frames of a file a second, to the last stored object", own, "frames/s") with
            {
                AtLeast = 11_300,
            },
            Statistics.Figure("throughput.baseline", "the same by ffmpeg and parallel curl", other, "frames/s"),
            Statistics.Figure("throughput.ratio", "part of the speed of ffmpeg and parallel curl", ratio, "") with { AtLeast = 0.5 },
            Statistics.Figure("throughput.cpu", "CPU seconds of the whole pipeline for 1,000 frames", cpu, "s"),
        ];
    }

    private static double PipelineCpu(Turn turn) =>
        turn.Processes.Where(spent => Running.Pipeline.Contains(spent.Name)).Sum(spent => spent.CpuSeconds);

    private static string[] Row(string name, List<Turn> turns, List<double> speed) =>
        [name, speed.WithSpread(), turns.Select(turn => turn.Seconds).ToList().WithSpread(), $"{turns[0].Chunks}",
            (turns[0].Bytes / 1e6).Text(0)];

    private static IEnumerable<string> Names(List<Turn> turns) =>
        turns.SelectMany(turn => turn.Processes).Where(spent => spent.Name != ProcessTree.Own).Select(spent => spent.Name).Distinct();

    private static IEnumerable<string[]> Processes(int frames, List<Turn> turns) => Names(turns).Select(name =>
    {
        var of = turns.SelectMany(turn => turn.Processes).Where(spent => spent.Name == name).ToList();
        double[] cpu = [.. of.Select(spent => spent.CpuSeconds / frames * 1000)];
        return (string[])[Shown(name), cpu.WithSpread(), of.Max(spent => spent.PeakRssMb).Text(), of.Max(spent => spent.PeakPssMb).Text()];
    });

    private static string Shown(string name) => name == ProcessTree.Ended ? "ffmpeg, curl (run to the end)" : name;

    private static Series Bars(string name, List<Turn> turns, int frames) =>
        new(name, [.. Names(turns).Select((_, index) => (double)index)],
        [.. Names(turns).Select(process => turns.Select(turn => turn.Processes.Of(process).CpuSeconds).Median() / frames * 1000)]);

    private static string Cpu(IReadOnlyList<Spent> spent, string name, int frames) => (spent.Of(name).CpuSeconds / frames * 1000).Short();
}
