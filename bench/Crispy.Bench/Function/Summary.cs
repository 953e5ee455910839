namespace Crispy.Bench.Function;

/// <summary>What the starts and the loads come to.</summary>
internal static class Summary
{
    private static readonly double[] Percents = [.. Enumerable.Range(1, 99)];

    /// <summary>Writes the result.</summary>
    /// <param name="cold">Starts of the process.</param>
    /// <param name="one">One event after the other.</param>
    /// <param name="many">Several at once.</param>
    public static int Write(IReadOnlyList<ColdStart> cold, Load one, Load many)
    {
        Load[] loads = [one, many];
        return Results.Write(new()
        {
            Bench = "function",
            About = "chunk-logger on chunks of 1080p30 in the local bucket, each announced by a push of Pub/Sub: head of the object read, "
                + "signature and chain verified, URL signed, line written. Bytes are those on the wire from the bucket, headers included; "
                + "the first events, in which the process is still warming up, count for cold start only.",
            Figures = [.. Figures(cold, one, loads)],
            Tables = [Warm(loads), Cold(cold)],
            Plots = [new("latency", "Event to answer", "percent of events", "ms", [.. loads.Select(Latency)])],
        }, new { cold, loads });
    }

    private static Figure[] Figures(IReadOnlyList<ColdStart> cold, Load one, Load[] loads) =>
    [
        new("function.cpu", "CPU of chunk-logger a chunk", one.CpuMs, "ms") { AtMost = 10 },
        new("function.bytes", "bytes read of an object, headers included", one.BytesRead / 1024, "KiB") { AtMost = 64 },
        new("function.latency", "event to answer, median", one.Latency.Median(), "ms"),
        new("function.rss", "greatest resident memory", loads.Max(load => load.PeakRssMb), "MB") { AtMost = 120 },
        Statistics.Figure("function.coldServing", "cold start: process start until it accepts connections", Serving(cold), "ms"),
        Statistics.Figure("function.coldFirst", "cold start: process start until the first event is answered", FirstAnswer(cold), "ms"),
    ];

    private static Table Warm(Load[] loads) => new("Warm",
        ["at once", "events/s", "CPU ms a chunk", "latency p50 ms", "p99", "max", "KiB read", "KiB sent", "peak RSS MB"],
        [.. loads.Select(load => (string[])
        [
            $"{load.Parallel}", load.Rate.Text(), load.CpuMs.Text(2), load.Latency.Median().Text(), load.Latency.Percentile(99).Text(),
            load.Latency.Greatest().Text(), (load.BytesRead / 1024).Text(), (load.BytesSent / 1024).Text(), load.PeakRssMb.Text(),
        ])]);

    private static Table Cold(IReadOnlyList<ColdStart> cold) => new("Cold", ["", "ms (spread)", "CPU s"],
    [
        ["accepts connections", Serving(cold).WithSpread(), ""],
        ["first event answered", FirstAnswer(cold).WithSpread(), cold.Select(each => each.CpuSeconds).Median().Text(2)],
    ]);

    private static Series Latency(Load load) => new($"{load.Parallel} at once", Percents, [.. Percents.Select(load.Latency.Percentile)]);

    private static double[] Serving(IReadOnlyList<ColdStart> cold) => [.. cold.Select(each => each.ServingMs)];

    private static double[] FirstAnswer(IReadOnlyList<ColdStart> cold) => [.. cold.Select(each => each.FirstAnswerMs)];
}
