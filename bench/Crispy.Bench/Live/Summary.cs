namespace Crispy.Bench.Live;

/// <summary>What the steps come to.</summary>
internal static class Summary
{
    private static readonly string[] Columns =
    [
        "streams", "keeps up", "chunks", "gaps", "backlog before, after", "latency by camera p50", "p99", "max ms",
        "by log line p50", "p99", "max ms", "cores", "cameras' cores",
    ];

    public static int Write(IReadOnlyList<Step> steps, double seconds, double window) => Results.Write(new()
    {
        Bench = "live",
        About = $"1080p30 streams of 4 Mbit/s from real RTSP servers, copied into windows of {window} s, {seconds} s each number, "
            + "everything on the one machine; the cameras' own cost is counted apart. "
            + "A number is kept up with when no stream has a gap, no chunk stays away and the spool does not grow.",
        Figures = [.. Figures(steps)],
        Tables =
        [
            new("Streams", Columns, [.. steps.Select(Row)]),
            ByProcess("Cores, by process", steps, (step, name) => Cores(step, name).Text(3)),
            ByProcess("Memory (PSS, MB), all processes of a name, median", steps, (step, name) => step.Processes.Of(name).PssMb.Text()),
        ],
        Plots =
        [
            Latency(steps), Plot("cores", "Cores", "cores", steps, Cores), Plot("memory", "Memory (PSS)", "MB", steps, Pss), Backlog(steps),
        ],
    }, steps.Select(step => new
    {
        step.Streams, step.Recording, step.Chunks, step.Gaps, step.Late, step.Complaint, step.BacklogBefore, step.BacklogAfter,
        step.Latency, step.LatencyByCamera, step.TimeError, step.Slowest, step.Cores, step.Seconds, step.Processes,
    }));

    private static Figure[] Figures(IReadOnlyList<Step> steps)
    {
        var one = steps.MinBy(step => step.Streams)!;
        var largest = steps.Where(step => step.KeepsUp).MaxBy(step => step.Streams);
        var shown = largest ?? steps[^1];
        var few = $"{one.Streams} stream{(one.Streams == 1 ? "" : "s")}";
        return
        [
            new("live.streams", "streams kept up with, of those tried", largest?.Streams ?? 0, "streams") { AtLeast = 100 },
            new("live.p50", $"last frame to log line by the camera's clock, median, {few}", one.LatencyByCamera.P50, "ms") { AtMost = 250 },
            new("live.p99", $"last frame to log line by the camera's clock, 99th percentile, {few}", one.LatencyByCamera.P99, "ms")
            {
                AtMost = 1000,
            },
            new("live.cores", $"cores of the whole pipeline at {shown.Streams} streams", shown.Cores, "cores"),
            new("live.clock", "error of a chunk's end against the camera's own clock, 99th percentile", shown.TimeError.P99, "ms"),
        ];
    }

    private static string[] Row(Step step) =>
    [
        $"{step.Streams}", step.Complaint ?? "yes", $"{step.Chunks}", $"{step.Gaps}",
        $"{step.BacklogBefore.Text(0)}, {step.BacklogAfter.Text(0)}",
        .. Cells(step.LatencyByCamera), .. Cells(step.Latency), step.Cores.Text(2), Cores(step, "cameras").Text(2),
    ];

    private static string[] Cells(Distribution latency) => [latency.P50.Text(0), latency.P99.Text(0), latency.Max.Text(0)];

    private static Table ByProcess(string title, IReadOnlyList<Step> steps, Func<Step, string, string> cell) => new(title,
        ["process", .. steps.Select(step => $"{step.Streams} streams")],
        [.. Names(steps).Select(name => (string[])[name, .. steps.Select(step => cell(step, name))])]);

    private static Plot Plot(string name, string title, string unit, IReadOnlyList<Step> steps, Func<Step, string, double> value) =>
        new(name, title, "streams", unit,
            [.. Names(steps).Select(process => new Series(process, Counts(steps), [.. steps.Select(step => value(step, process))]))])
        {
            LogarithmicX = true,
        };

    private static Plot Latency(IReadOnlyList<Step> steps) => new("latency", "Last frame to log line", "streams", "ms",
    [
        new("p50", Counts(steps), [.. steps.Select(step => step.LatencyByCamera.P50)]),
        new("p99", Counts(steps), [.. steps.Select(step => step.LatencyByCamera.P99)]),
        new("max", Counts(steps), [.. steps.Select(step => step.LatencyByCamera.Max)]),
    ])
    {
        LogarithmicX = true,
    };

    private static Plot Backlog(IReadOnlyList<Step> steps) => new("backlog", "Chunks in the spool", "seconds", "chunks",
        [.. steps.Select(Backlog)]);

    private static Series Backlog(Step step) =>
        new($"{step.Streams} streams", [.. step.Backlog.Select(each => each.Seconds)], [.. step.Backlog.Select(each => each.Chunks)]);

    private static double[] Counts(IReadOnlyList<Step> steps) => [.. steps.Select(step => (double)step.Streams)];

    private static IEnumerable<string> Names(IEnumerable<Step> steps) =>
        steps.SelectMany(step => step.Processes).Select(spent => spent.Name).Where(name => name is not ProcessTree.Ended).Distinct();

    private static double Cores(Step step, string name) => step.Processes.Of(name).CpuSeconds / step.Seconds;

    private static double Pss(Step step, string name) => step.Processes.Of(name).PssMb;
}
