namespace Crispy.Bench.Live;

/// <summary>What the steps come to.</summary>
internal static class Summary
{
    public static int Write(IReadOnlyList<Step> steps, double seconds, double window)
    {
        double[] counts = [.. steps.Select(step => (double)step.Streams)];
        var one = steps.MinBy(step => step.Streams)!;
        var largest = steps.Where(step => step.KeepsUp).MaxBy(step => step.Streams);
        return Report.Write(new()
        {
            Bench = "live",
            About = $"1080p30 streams of 4 Mbit/s from real RTSP servers, copied into windows of {window} s, {seconds} s each number, everything on the one machine; the cameras' own cost is counted apart. "
                + "A number is kept up with when no stream has a gap, no chunk stays away and the spool does not grow.",
            Figures =
            [
                new("live.streams", "streams kept up with, of those tried", largest?.Streams ?? 0, "streams") { AtLeast = 100 },
                new("live.p50", $"last frame to log line by the camera's clock, median, {one.Streams} stream{(one.Streams == 1 ? "" : "s")}", one.LatencyByCamera.P50, "ms") { AtMost = 250 },
                new("live.p99", $"last frame to log line by the camera's clock, 99th percentile, {one.Streams} stream{(one.Streams == 1 ? "" : "s")}", one.LatencyByCamera.P99, "ms") { AtMost = 1000 },
                new("live.cores", $"cores of the whole pipeline at {(largest ?? steps[^1]).Streams} streams", (largest ?? steps[^1]).Cores, "cores"),
                new("live.clock", "error of a chunk's end against the camera's own clock, 99th percentile", (largest ?? steps[^1]).TimeError.P99, "ms"),
            ],
            Tables =
            [
                new("Streams", ["streams", "keeps up", "chunks", "gaps", "backlog before, after", "latency by camera p50", "p99", "max ms", "by log line p50", "p99", "max ms", "cores", "cameras' cores"],
                    [.. steps.Select(step => (string[])[$"{step.Streams}", step.Complaint ?? "yes", $"{step.Chunks}", $"{step.Gaps}", $"{step.BacklogBefore.Text(0)}, {step.BacklogAfter.Text(0)}",
                        step.LatencyByCamera.P50.Text(0), step.LatencyByCamera.P99.Text(0), step.LatencyByCamera.Max.Text(0), step.Latency.P50.Text(0), step.Latency.P99.Text(0), step.Latency.Max.Text(0),
                        step.Cores.Text(2), Cores(step, "cameras").Text(2)])]),
                new("Cores, by process", ["process", .. steps.Select(step => $"{step.Streams} streams")], [.. Names(steps).Select(name => (string[])[name, .. steps.Select(step => Cores(step, name).Text(3))])]),
                new("Memory (PSS, MB), all processes of a name, median", ["process", .. steps.Select(step => $"{step.Streams} streams")], [.. Names(steps).Select(name => (string[])[name, .. steps.Select(step => Pss(step, name).Text())])]),
            ],
            Plots =
            [
                new("latency", "Last frame to log line", "streams", "ms", [new("p50", counts, [.. steps.Select(step => step.LatencyByCamera.P50)]), new("p99", counts, [.. steps.Select(step => step.LatencyByCamera.P99)]), new("max", counts, [.. steps.Select(step => step.LatencyByCamera.Max)])]) { LogarithmicX = true },
                new("cores", "Cores", "streams", "cores", [.. Names(steps).Select(name => new Series(name, counts, [.. steps.Select(step => Cores(step, name))]))]) { LogarithmicX = true },
                new("memory", "Memory (PSS)", "streams", "MB", [.. Names(steps).Select(name => new Series(name, counts, [.. steps.Select(step => Pss(step, name))]))]) { LogarithmicX = true },
                new("backlog", "Chunks in the spool", "seconds", "chunks", [.. steps.Select(step => new Series($"{step.Streams} streams", [.. step.Backlog.Select(each => each.Seconds)], [.. step.Backlog.Select(each => each.Chunks)]))]),
            ],
        }, steps.Select(step => new
        {
            step.Streams, step.Recording, step.Chunks, step.Gaps, step.Late, step.Complaint, step.BacklogBefore, step.BacklogAfter, step.Latency, step.LatencyByCamera, step.TimeError, step.Slowest, step.Cores, step.Seconds, step.Processes,
        }));
    }

    private static IEnumerable<string> Names(IEnumerable<Step> steps) => steps.SelectMany(step => step.Processes).Select(spent => spent.Name).Where(name => name is not ProcessTree.Ended).Distinct();

    private static double Cores(Step step, string name) => (step.Processes.FirstOrDefault(spent => spent.Name == name)?.CpuSeconds ?? 0) / step.Seconds;

    private static double Pss(Step step, string name) => step.Processes.FirstOrDefault(spent => spent.Name == name)?.PssMb ?? 0;
}
