namespace Crispy.Bench.Outage;

/// <summary>What the outage comes to.</summary>
internal static class Summary
{
    private const double LeastRate = 10;

    /// <summary>Writes the result.</summary>
    /// <returns>1 where something is lost, stored twice or different, or where the backlog drained too slowly.</returns>
    public static int Write(Asked asked, Refused refused, Tally tally, double drainSeconds)
    {
        var rate = asked.Hours * 3600 / drainSeconds;
        Console.WriteLine($"captured={tally.Captured} stored={tally.Stored} lost={tally.Lost} duplicates={tally.Duplicates} "
            + $"differences={tally.Differences.Count} peakSpoolMB={refused.PeakSpoolBytes / 1e6:0.0} "
            + $"drainSeconds={drainSeconds:0.0} drainRate={rate:0.0}x");
        Results.Write(new()
        {
            Bench = "outage",
            About = $"The bucket refuses every upload for {asked.Hours} h of stream time of {asked.Streams} streams, "
                + $"while stream-handle and the workers are killed {refused.Kills} times; then it is well again. "
                + "Sources are read as fast as the spool takes them. "
                + "Every packet, link of the chain, signature and log line is compared with the source.",
            Figures =
            [
                new("outage.lost", "chunks lost in an outage with kills", tally.Lost, "chunks") { AtMost = 0 },
                new("outage.duplicates", "objects stored twice", tally.Duplicates, "objects") { AtMost = 0 },
                new("outage.differences", "differences from the source", tally.Differences.Count, "") { AtMost = 0 },
                new("outage.drain", "speed at which the backlog drains", rate, "times real time") { AtLeast = LeastRate },
            ],
            Tables = [Numbers(asked, refused, tally, drainSeconds)],
        }, Raw(asked, refused, tally, drainSeconds, rate));
        return tally is { Lost: 0, Duplicates: 0, Differences.Count: 0 } && rate >= LeastRate ? 0 : 1;
    }

    private static Table Numbers(Asked asked, Refused refused, Tally tally, double drainSeconds) => new("Outage",
        ["streams", "hours", "kills", "captured", "stored", "peak of the spool MB", "outage s", "drain s"],
        [[$"{asked.Streams}", $"{asked.Hours}", $"{refused.Kills}", $"{tally.Captured}", $"{tally.Stored}",
            (refused.PeakSpoolBytes / 1e6).Text(), refused.Time.TotalSeconds.Text(), drainSeconds.Text()]]);

    private static object Raw(Asked asked, Refused refused, Tally tally, double drainSeconds, double drainRate) => new
    {
        asked.Streams, asked.Hours, asked.Window, refused.Kills, asked.Seed, tally.Captured, tally.Stored, tally.Lost, tally.Duplicates,
        differences = tally.Differences.Count, refused.PeakSpoolBytes, outageSeconds = refused.Time.TotalSeconds, drainSeconds, drainRate,
    };
}
