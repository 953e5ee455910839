namespace Crispy.Bench.Upload;

/// <summary>What the measurements come to.</summary>
internal static class Summary
{
    private const double TargetDelay = 30;

    public static int Write(int size, IReadOnlyList<Measurement> all, IReadOnlyList<Transfer> transfers, double mbit, TimeSpan answer) => Report.Write(new()
    {
        Bench = "upload",
        About = $"Chunks of {size / 1e6:0.##} MB from the spool by one upload-worker process (RabbitMQ, Redis, checksums and deletion included), against curl sending the same bytes to the same server, in turns, each the first tenth left out. "
            + $"Then one request against a resumable upload over a link of {mbit} Mbit/s that breaks, answers after {answer.TotalMilliseconds} ms.",
        Figures = [.. Targets(all), .. Crossings(transfers)],
        Tables =
        [
            new("Uploads a second, median (and spread)", ["answered after ms", "in flight", "upload-worker", "a connection", "curl", "of curl", "CPU ms a chunk", "peak RSS MB"], [.. all.Select(one => (string[])
                [$"{one.Delay}", $"{one.InFlight}", one.Rates.WithSpread(), (one.Rate / one.InFlight).Text(), one.Curl.WithSpread(), one.OfCurl.Median().Text(2),
                    one.Worker.Select(run => run.CpuMilliseconds).Median().Text(2), (one.Worker.Max(run => run.PeakRss) / 1e6).Text(0)])]),
            new("One request or a resumable upload: seconds, mean (and spread)", ["MB", "MB between breaks", "one request", "resumable", "better"], [.. transfers.Select(each => (string[])
                [$"{each.MegaBytes}", each.Break == 0 ? "none" : $"{each.Break}", Mean(each.Multipart), Mean(each.Resumable), each.ResumableIsBetter ? "resumable" : "one request"])]),
        ],
        Plots =
        [
            new("rate", "Uploads a second", "in flight", "a second", [.. all.GroupBy(one => one.Delay).SelectMany(delay => (Series[])
                [new($"upload-worker, {delay.Key} ms", [.. delay.Select(one => (double)one.InFlight)], [.. delay.Select(one => one.Rate)]), new($"curl, {delay.Key} ms", [.. delay.Select(one => (double)one.InFlight)], [.. delay.Select(one => one.CurlRate)])])]) { LogarithmicX = true },
            new("resumable", "Time of an upload, one request and resumable", "MB", "seconds", [.. transfers.GroupBy(each => each.Break).SelectMany(group => (Series[])
                [new($"one request, {Breaks(group.Key)}", [.. group.Select(each => (double)each.MegaBytes)], [.. group.Select(each => each.Multipart.Average())]), new($"resumable, {Breaks(group.Key)}", [.. group.Select(each => (double)each.MegaBytes)], [.. group.Select(each => each.Resumable.Average())])])]) { LogarithmicX = true, LogarithmicY = true },
        ],
    }, new { all, transfers });

    private static IEnumerable<Figure> Targets(IReadOnlyList<Measurement> all)
    {
        if (all.FirstOrDefault(one => one is { Delay: TargetDelay, InFlight: 1 }) is not { } single) yield break;
        yield return Statistics.Figure("upload.connection", "uploads of 1 MB a second, one in flight, answered after 30 ms", single.Rates, "a second") with { AtLeast = 28 };
        if (all.FirstOrDefault(one => one is { Delay: TargetDelay, InFlight: 16 }) is { } sixteen)
            yield return Statistics.Figure("upload.connection16", "the same for each of 16 in flight", [.. sixteen.Rates.Select(rate => rate / 16)], "a second") with { AtLeast = 28 };
    }

    // The least size from which on resumable is better at every greater one too.
    private static IEnumerable<Figure> Crossings(IReadOnlyList<Transfer> transfers) => transfers.GroupBy(each => each.Break).Select(group =>
    {
        var better = group.OrderByDescending(each => each.MegaBytes).TakeWhile(each => each.ResumableIsBetter).ToList();
        return new Figure($"upload.resumable{group.Key}", $"size from which resumable is better, {Breaks(group.Key)}{(better.Count == 0 ? $" (not up to {group.Max(each => each.MegaBytes)} MB)" : "")}",
            better.Count == 0 ? double.NaN : better[^1].MegaBytes, "MB");
    });

    private static string Mean(IReadOnlyList<double> seconds) => $"{seconds.Average().Short()} ({seconds.Min().Short()} to {seconds.Max().Short()})";

    private static string Breaks(double every) => every == 0 ? "no breaks" : $"{every} MB between breaks";
}
