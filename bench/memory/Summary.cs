namespace Crispy.Bench.Memory;

/// <summary>What the stages come to.</summary>
internal static class Summary
{
    private static readonly string[] Names = [.. Running.Pipeline, "cameras"];

    public static int Write(IReadOnlyList<Stage> stages, TimeSpan seconds)
    {
        var largest = stages.MaxBy(stage => stage.Streams)!;
        var least = stages.FirstOrDefault(stage => stage.Streams > 0 && stage.Streams < largest.Streams) ?? stages[0];
        var services = stages.SelectMany(stage => stage.Processes).Where(spent => Running.Services.Contains(spent.Name)).ToList();
        return Report.Write(new()
        {
            Bench = "memory",
            About = $"What each process holds, {seconds.TotalSeconds} s each, streams of 1080p30 from real RTSP servers: RSS of the largest process of a name, and PSS (in which a page that n processes share counts an nth) of all of them. "
                + "In the outage the bucket answers 503 to every upload.",
            Figures =
            [
                .. Running.Services.Select(name => new Figure($"memory.{name}", $"greatest RSS of {name}, at any of these", services.Where(spent => spent.Name == name).Select(spent => spent.PeakRssMb).Greatest(), "MB") { AtMost = 120 }),
                new("memory.stream", $"PSS for each further stream, its ffmpeg included, from {least.Streams} to {largest.Streams}", (largest.Recording - least.Recording) / Math.Max(1, largest.Streams - least.Streams), "MB") { AtMost = 20 },
            ],
            Tables =
            [
                new("PSS, MB, all processes of a name, median", ["process", .. stages.Select(stage => stage.Name)], [.. Names.Select(name => (string[])[name, .. stages.Select(stage => stage.Pss(name).Text())])]),
                new("Greatest RSS of one process, MB", ["process", .. stages.Select(stage => stage.Name)],
                    [.. Names.Select(name => (string[])[name, .. stages.Select(stage => (stage.Processes.FirstOrDefault(spent => spent.Name == name)?.PeakRssMb ?? 0).Text())])]),
            ],
            Plots =
            [
                new("pss", "Memory (PSS) of all processes of a name", "", "MB", [.. stages.Select(stage => new Series(stage.Name, [.. Names.Select((_, index) => (double)index)], [.. Names.Select(stage.Pss)]))]) { Bars = Names },
            ],
        }, stages);
    }
}
