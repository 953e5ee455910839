namespace Crispy.Bench.Upload;

/// <summary>What the measurements come to.</summary>
internal static class Summary
{
    private const double TargetDelay = 30;

    public static int Write(int size, IReadOnlyList<Measurement> all, IReadOnlyList<Transfer> transfers, double mbit, TimeSpan answer) =>
        Results.Write(new()
        {
            Bench = "upload",
            About = $"Chunks of {size / 1e6:0.##} MB from the spool by one upload-worker process "
                + "(RabbitMQ, Redis, checksums and deletion included), "
                + "against curl sending the same bytes to the same server, in turns, each the first tenth left out. "
                + "Then one request against a resumable upload over a link of "
                + $"{mbit} Mbit/s that breaks, answers after {answer.TotalMilliseconds} ms.",
            Figures = [.. Targets(all), .. Crossings(transfers)],
            Tables = [Rates(all), Times(transfers)],
            Plots =
            [
                new("rate", "Uploads a second", "in flight", "a second",
                    [.. all.GroupBy(one => one.Delay).SelectMany(RatesOf)]) { LogarithmicX = true },
                new("resumable", "Time of an upload, one request and resumable", "MB", "seconds",
                    [.. transfers.GroupBy(each => each.Break).SelectMany(TimesOf)]) { LogarithmicX = true, LogarithmicY = true },
            ],
        }, new { all, transfers });

    private static Table Rates(IReadOnlyList<Measurement> all) => new("Uploads a second, median (and spread)",
        ["answered after ms", "in flight", "upload-worker", "a connection", "curl", "of curl", "CPU ms a chunk", "peak RSS MB"],
        [.. all.Select(one => (string[])
        [
            $"{one.Delay}", $"{one.InFlight}", one.Rates.WithSpread(), (one.Rate / one.InFlight).Text(), one.Curl.WithSpread(),
            one.OfCurl.Median().Text(2), one.Worker.Select(run => run.CpuMilliseconds).Median().Text(2),
            (one.Worker.Max(run => run.PeakRss) / 1e6).Text(0),
        ])]);

    private static Table Times(IReadOnlyList<Transfer> transfers) => new("One request or a resumable upload: seconds, mean (and spread)",
        ["MB", "MB between breaks", "one request", "resumable", "better"],
        [.. transfers.Select(each => (string[])
        [
            $"{each.MegaBytes}", each.Break == 0 ? "none" : $"{each.Break}", Mean(each.Multipart), Mean(each.Resumable),
            each.ResumableIsBetter ? "resumable" : "one request",
        ])]);

    private static Series[] RatesOf(IGrouping<double, Measurement> delay)
    {
        double[] inFlight = [.. delay.Select(one => (double)one.InFlight)];
        return
        [
            new($"upload-worker, {delay.Key} ms", inFlight, [.. delay.Select(one => one.Rate)]),
            new($"curl, {delay.Key} ms", inFlight, [.. delay.Select(one => one.CurlRate)]),
        ];
    }

    private static Series[] TimesOf(IGrouping<double, Transfer> group)
    {
        double[] sizes = [.. group.Select(each => (double)each.MegaBytes)];
        return
        [
            new($"one request, {Breaks(group.Key)}", sizes, [.. group.Select(each => each.Multipart.Average())]),
            new($"resumable, {Breaks(group.Key)}", sizes, [.. group.Select(each => each.Resumable.Average())]),
        ];
    }

    private static IEnumerable<Figure> Targets(IReadOnlyList<Measurement> all)
    {
        if (all.FirstOrDefault(one => one is { Delay: TargetDelay, InFlight: 1 }) is not { } single) yield break;
        const string what = "uploads of 1 MB a second, one in flight, answered after 30 ms";
        yield return Statistics.Figure("upload.connection", what, single.Rates, "a second") with { AtLeast = 28 };
        if (all.FirstOrDefault(one => one is { Delay: TargetDelay, InFlight: 16 }) is not { } sixteen) yield break;
        double[] each = [.. sixteen.Rates.Select(rate => rate / 16)];
        yield return Statistics.Figure("upload.connection16", "the same for each of 16 in flight", each, "a second") with { AtLeast = 28 };
    }

    // The least size from which on resumable is better at every greater one too.
    private static IEnumerable<Figure> Crossings(IReadOnlyList<Transfer> transfers) => transfers.GroupBy(each => each.Break).Select(group =>
    {
        var better = group.OrderByDescending(each => each.MegaBytes).TakeWhile(each => each.ResumableIsBetter).ToList();
        var never = better.Count == 0 ? $" (not up to {group.Max(each => each.MegaBytes)} MB)" : "";
        return new Figure($"upload.resumable{group.Key}", $"size from which resumable is better, {Breaks(group.Key)}{never}",
            better.Count == 0 ? double.NaN : better[^1].MegaBytes, "MB");
    });

    private static string Mean(IReadOnlyList<double> seconds) =>
        $"{seconds.Average().Short()} ({seconds.Min().Short()} to {seconds.Max().Short()})";

    private static string Breaks(double every) => every == 0 ? "no breaks" : $"{every} MB between breaks";
}
