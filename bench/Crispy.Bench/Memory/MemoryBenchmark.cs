namespace Crispy.Bench.Memory;

/// <summary>What each process holds: without a stream, with real cameras, and while the bucket refuses every upload.</summary>
internal sealed class MemoryBenchmark
{
    private static readonly TimeSpan Startup = TimeSpan.FromSeconds(90);

    private readonly int[] _counts;
    private readonly TimeSpan _time;
    private readonly int _outage;
    private readonly int _workers;
    private readonly int _mounts;

    private MemoryBenchmark(Options options)
    {
        _counts = options.Counts("streams", 1, 10, 100);
        _time = TimeSpan.FromSeconds(options.Number("seconds", 20));
        _outage = options.Count("outage", 10);
        _workers = options.Count("workers", 2);
        _mounts = options.Count("mounts", 10);
    }

    /// <summary>Runs it.</summary>
    public static Task<int> RunAsync(string[] args) =>
        new MemoryBenchmark(new(args, "streams", "seconds", "outage", "workers", "mounts")).RunAsync();

    private async Task<int> RunAsync()
    {
        var source = await SourceVideo.AtLeastAsync(_time.TotalSeconds + Startup.TotalSeconds + 63);
        var stages = new List<Stage> { await MeasureAsync(source, "idle", 0, refuse: false) };
        foreach (var count in _counts)
            stages.Add(await MeasureAsync(source, $"{count} stream{(count == 1 ? "" : "s")}", count, refuse: false));
        stages.Add(await MeasureAsync(source, $"outage, {_outage} streams", _outage, refuse: true));
        return Summary.Write(stages, _time);
    }

    private async Task<Stage> MeasureAsync(string source, string name, int streams, bool refuse)
    {
        Console.WriteLine($"memory: {name} ...");
        await using var cameras = await Cameras.StartAsync(source, Math.Clamp(streams, 1, _mounts));
        await using var system = Running.AsShipped(_workers);
        system.SetCameras(cameras, streams, window: 3);
        await system.StartAllAsync();
        var recording = await system.UntilRecordingAsync(streams, Startup);
        if (recording < streams) throw new InvalidOperationException($"only {recording} of {streams} streams began");
        if (refuse) await system.RefuseUploadsAsync(503);
        var sampler = Sampler.Start(TimeSpan.FromSeconds(1));
        await Task.Delay(_time, TimeProvider.System);
        return new(name, streams, await sampler.StopAsync());
    }
}
