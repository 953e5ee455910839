namespace Crispy.Bench.Memory;

/// <summary>What the stages come to.</summary>
internal static class Summary
{
    private static readonly string[] Names = [.. Running.Pipeline, "cameras"];

    public static int Write(IReadOnlyList<Stage> stages, TimeSpan seconds) => Results.Write(new()
    {
        Bench = "memory",
        About = $"What each process holds, {seconds.TotalSeconds} s each, streams of 1080p30 from real RTSP servers: "
            + "RSS of the largest process of a name, and PSS (in which a page that n processes share counts an nth) of all of them. "
            + "In the outage the bucket answers 503 to every upload.",
        Figures = [.. Running.Services.Select(name => Greatest(stages, name)), OfStream(stages)],
        Tables =
        [
            Table("PSS, MB, all processes of a name, median", stages, (stage, name) => stage.Pss(name)),
            Table("Greatest RSS of one process, MB", stages, (stage, name) => stage.Processes.Of(name).PeakRssMb),
        ],
        Plots =
        [
            new("pss", "Memory (PSS) of all processes of a name", "", "MB", [.. stages.Select(stage =>
                new Series(stage.Name, [.. Names.Select((_, index) => (double)index)], [.. Names.Select(stage.Pss)]))]) { Bars = Names },
        ],
    }, stages);

    private static Figure Greatest(IReadOnlyList<Stage> stages, string name)
    {
        var peaks = stages.SelectMany(stage => stage.Processes).Where(spent => spent.Name == name).Select(spent => spent.PeakRssMb);
        return new($"memory.{name}", $"greatest RSS of {name}, at any of these", peaks.Greatest(), "MB") { AtMost = 120 };
    }

    private static Figure OfStream(IReadOnlyList<Stage> stages)
    {
        var largest = stages.MaxBy(stage => stage.Streams)!;
        var least = stages.FirstOrDefault(stage => stage.Streams > 0 && stage.Streams < largest.Streams) ?? stages[0];
        var each = (largest.Recording - least.Recording) / Math.Max(1, largest.Streams - least.Streams);
        var what = $"PSS for each further stream, its ffmpeg included, from {least.Streams} to {largest.Streams}";
        return new("memory.stream", what, each, "MB") { AtMost = 20 };
    }

    private static Table Table(string title, IReadOnlyList<Stage> stages, Func<Stage, string, double> value) => new(title,
        ["process", .. stages.Select(stage => stage.Name)],
        [.. Names.Select(name => (string[])[name, .. stages.Select(stage => value(stage, name).Text())])]);
}
