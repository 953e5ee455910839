namespace Crispy.Bench.Live;

/// <summary>Streams in real time from RTSP servers, more and more of them. With <c>--beyond</c> the number goes on growing by a quarter
/// until something breaks.</summary>
internal sealed class LiveBenchmark
{
    private const int MostAttempts = 3;
    private const double Growth = 1.25;

    private readonly int[] _counts;
    private readonly double _seconds;
    private readonly double _window;
    private readonly int _workers;
    private readonly int _mounts;
    private readonly int _most;
    private readonly TimeSpan _startup;
    private readonly TimeSpan _warm;

    private LiveBenchmark(Options options)
    {
        _counts = options.Counts("streams", 1, 8, 32, 100);
        _seconds = options.Number("seconds", 30);
        _window = options.Number("window", 3);
        _workers = options.Count("workers", 2);
        _mounts = options.Count("mounts", 10);
        _most = options.Count("beyond", 0);
        _startup = TimeSpan.FromSeconds(options.Number("startup", 90));
        _warm = TimeSpan.FromSeconds(options.Number("warm", 10));
    }

    /// <summary>Runs it.</summary>
    public static Task<int> RunAsync(string[] args) =>
        new LiveBenchmark(new(args, "streams", "seconds", "window", "workers", "mounts", "beyond", "startup", "warm")).RunAsync();

    private async Task<int> RunAsync()
    {
        // Long enough for the start of all streams too, and one encoded file for every number of them.
        var source = await SourceVideo.AtLeastAsync(_seconds + _window + _startup.TotalSeconds + _warm.TotalSeconds + 60);
        var steps = new List<Step>();
        foreach (var count in _counts) steps.Add(await MeasureAsync(source, count));
        while (steps[^1].KeepsUp && steps[^1].Streams < _most)
            steps.Add(await MeasureAsync(source, Math.Min(_most, (int)Math.Ceiling(steps[^1].Streams * Growth))));
        return Summary.Write(steps, _seconds, _window);
    }

    // GStreamer's server sometimes dies while many connect: that says nothing of what is measured.
    private async Task<Step> MeasureAsync(string source, int streams)
    {
        for (var attempt = 1; ; attempt++)
        {
            Console.WriteLine($"live: {streams} streams ...");
            if (await TryMeasureAsync(source, streams) is { } step) return step;
            Console.WriteLine("  the cameras' server died; once more");
            if (attempt == MostAttempts) throw new InvalidOperationException("the cameras' server died three times");
        }
    }

    private async Task<Step?> TryMeasureAsync(string source, int streams)
    {
        await using var cameras = await Cameras.StartAsync(source, Math.Min(_mounts, streams));
        await using var system = Running.AsShipped(_workers);
        system.SetCameras(cameras, streams, _window);
        await system.StartAllAsync();
        var (time, window) = (TimeSpan.FromSeconds(_seconds), TimeSpan.FromSeconds(_window));
        var step = await Step.MeasureAsync(system, cameras, streams, time, window, _startup, _warm);
        if (!cameras.IsRunning) return null;
        Print(step);
        return step;
    }

    private static void Print(Step step) => Console.WriteLine(
        $"  {step.Recording} recording, {step.Chunks} chunks, {step.Gaps} gaps, backlog {step.BacklogBefore:0} -> {step.BacklogAfter:0}, "
        + $"latency p50 {step.LatencyByCamera.P50:0} ms p99 {step.LatencyByCamera.P99:0} ms, {step.Cores:0.00} cores"
        + (step.KeepsUp ? "" : $"; does not keep up: {step.Complaint}"));
}
