using System.Globalization;

namespace Crispy.Bench.Outage;

/// <summary>The bucket refuses every upload for an hour of stream time while stream-handle and the workers are killed at random; then it
/// is well again. Time is compressed: the files are read as fast as the spool takes them.</summary>
internal sealed class OutageBenchmark
{
    private readonly int _streams;
    private readonly double _hours;
    private readonly double _window;
    private readonly int _kills;
    private readonly int _seed;
    private readonly Random _random;

    private OutageBenchmark(Options options)
    {
        _streams = options.Count("streams", 10);
        _hours = options.Number("hours", 1);
        _window = options.Number("window", 3);
        _kills = options.Count("kills", 8);
        _seed = options.Count("seed", Environment.ProcessId);
        _random = new(_seed);
    }

    /// <summary>Runs it.</summary>
    /// <returns>1 where something is lost, stored twice or different, or where the backlog drains too slowly.</returns>
    public static Task<int> RunAsync(string[] args) =>
        new OutageBenchmark(new(args, "streams", "hours", "window", "kills", "seed"))
        .RunAsync();

    private async Task<int> RunAsync()
    {
        Console.WriteLine($"outage: {_streams} streams, {_hours} h of stream time in windows of {_window} s, {_kills} kills, seed {_seed}");
        using var folder = new TempFolder();
        var source = await MakeSourceAsync(folder);
        await using var system = new WholeSystem();
        await StartAsync(system, source);
        var refused = await RefuseAsync(system);
        Console.WriteLine($"an hour's chunks are in the spool after {refused.Time.TotalSeconds:0.0} s and {refused.Kills} kills; "
            + "the bucket is well again");

        await system.RefuseUploadsAsync(null);
        var begin = TimeProvider.System.GetTimestamp();
        await system.DrainAsync(TimeSpan.FromHours(_hours));
        var drain = TimeProvider.System.GetElapsedTime(begin);
        var tally = await Tally.OfAsync(system, source, _streams);
        foreach (var difference in tally.Differences.Take(20)) Console.WriteLine(difference);
        return Summary.Write(new(_streams, _hours, _window, _seed), refused, tally, drain.TotalSeconds);
    }

    private async Task<string> MakeSourceAsync(TempFolder folder)
    {
        var options = new TestVideoOptions { Size = "160x120", Fps = "15", Gop = 15, Seconds = 60, BFrames = 2, Audio = "aac" };
        var minute = await TestVideo.CreateAsync(folder["minute.mkv"], options);
        var loops = Math.Max(0, (int)Math.Round(_hours * 60) - 1);
        await Command.RunAsync("ffmpeg", "-v", "error", "-stream_loop", $"{loops}", "-i", minute, "-c", "copy", folder["source.mkv"]);
        return folder["source.mkv"];
    }

    private async Task StartAsync(WholeSystem system, string source)
    {
        await system.StartServersAsync();
        await system.RefuseUploadsAsync(503);
        system.SetStreams(Enumerable.Range(0, _streams).Select(index => new Dictionary<string, string>
        {
            ["Id"] = $"cam-{index}",
            ["Url"] = source,
            ["Window"] = _window.ToString(CultureInfo.InvariantCulture),
            ["StartTime"] = "2026-01-01T00:00:00Z",
        }));
        system.StreamHandle.Environment["Crispy__Spool__MaxBytes"] = $"{64L << 30}";
        foreach (var service in (Service[])[system.StreamHandle, .. system.Workers]) await service.StartAsync();
    }

    // Until all is read and enough were killed.
    private async Task<Refused> RefuseAsync(WholeSystem system)
    {
        long peak = 0;
        var died = 0;
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300 + _random.Next(700)), TimeProvider.System);
            var status = await system.StatusAsync();
            peak = Math.Max(peak, (long?)status?["spoolBytes"] ?? 0);
            var read = status?["streams"]?.AsArray() is { Count: > 0 } all
                && all.All(stream => (string?)stream!["state"] == "ended" && (int)stream["pending"]! == 0);
            if (read && died >= _kills) return new(TimeProvider.System.GetElapsedTime(begin), died, peak);
            if (died >= _kills || _random.Next(3) > 0) continue;
            var victim = _random.Next(3) == 0 ? system.StreamHandle : system.Workers[_random.Next(system.Workers.Count)];
            await victim.StartAsync(); // kills it first
            died++;
        }
    }
}
