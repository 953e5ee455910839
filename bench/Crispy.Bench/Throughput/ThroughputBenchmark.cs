namespace Crispy.Bench.Throughput;

/// <summary>A file, as fast as it goes: the whole pipeline until the last object is stored. Against it ffmpeg's segment muxer and
/// parallel curl PUTs of the same chunks to the same server. In turns, after one of each that does not count.</summary>
internal static class ThroughputBenchmark
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Options(args, "minutes", "turns", "window", "workers", "parallel");
        var turns = options.Count("turns", 5);
        var window = options.Number("window", 3);
        var workers = options.Count("workers", 2);
        var parallel = options.Count("parallel", 16);
        var source = await SourceVideo.OfAsync(options.Number("minutes", 20) * 60);
        var frames = await SourceVideo.FramesAsync(source);
        Console.WriteLine($"throughput: {frames} frames of 1080p30, {new FileInfo(source).Length / 1e6:0} MB, "
            + $"windows of {window} s, {workers} upload-workers, {turns} turns");

        await using var system = Running.AsShipped(workers);
        await system.StartServersAsync();
        foreach (var worker in system.Workers) await worker.StartAsync();
        var start = await Turns.StartOnlyAsync(system);
        var turn = new Turns(system, source, frames, window, parallel);
        await turn.CreateBaselineBucketAsync();
        List<Turn> crispy = [], baseline = [];
        for (var number = 0; number <= turns; number++)
        {
            var (own, other) = (await turn.CrispyAsync($"turn-{number}"), await turn.BaselineAsync($"turn-{number}"));
            Print(number, frames, own, other);
            if (number == 0) continue;
            crispy.Add(own);
            baseline.Add(other);
        }
        return Summary.Write(frames, crispy, baseline, start);
    }

    private static void Print(int number, int frames, Turn own, Turn other)
    {
        var name = number == 0 ? "warm" : $"{number}";
        Console.WriteLine($"{name,5}: {Speed(frames, own)}, ffmpeg and curl {Speed(frames, other)}, {other.Seconds / own.Seconds:P0}");
    }

    private static string Speed(int frames, Turn turn) => $"{frames / turn.Seconds,10:N0} frames/s ({turn.Seconds:0.00} s)";
}
