using System.Globalization;
using Crispy.Bench.Live;

// Streams in real time from RTSP servers, more and more of them. With --beyond the number goes on growing by a quarter until something breaks.
Report.RequireKnown(args, "streams", "seconds", "window", "workers", "mounts", "beyond", "startup", "warm");
var counts = Report.Counts(args, "streams", 1, 8, 32, 100);
var seconds = Report.Option(args, "seconds", 30);
var window = Report.Option(args, "window", 3);
var workers = (int)Report.Option(args, "workers", 2);
var mounts = (int)Report.Option(args, "mounts", 10);
var most = (int)Report.Option(args, "beyond", 0);
var startup = TimeSpan.FromSeconds(Report.Option(args, "startup", 90));
var warm = TimeSpan.FromSeconds(Report.Option(args, "warm", 10));

// Long enough for the start of all streams too, and one encoded file for every number of them.
var source = await SourceVideo.AtLeastAsync(seconds + window + startup.TotalSeconds + warm.TotalSeconds + 60);
var steps = new List<Step>();
foreach (var count in counts) steps.Add(await MeasureAsync(count));
while (steps[^1].KeepsUp && steps[^1].Streams < most) steps.Add(await MeasureAsync(Math.Min(most, (int)Math.Ceiling(steps[^1].Streams * 1.25))));
return Summary.Write(steps, seconds, window);

// GStreamer's server sometimes dies while many connect: that says nothing of what is measured.
async Task<Step> MeasureAsync(int streams)
{
    for (var attempt = 1; ; attempt++)
    {
        Console.WriteLine($"live: {streams} streams ...");
        if (await TryMeasureAsync(streams) is { } step) return step;
        Console.WriteLine("  the cameras' server died; once more");
        if (attempt == 3) throw new InvalidOperationException("the cameras' server died three times");
    }
}

async Task<Step?> TryMeasureAsync(int streams)
{
    await using var cameras = await Cameras.StartAsync(source, Math.Min(mounts, streams));
    await using var system = Running.AsShipped(workers);
    system.SetCameras(cameras, streams, window);
    await system.StartAllAsync();
    var step = await Step.MeasureAsync(system, cameras, streams, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(window), startup, warm);
    if (!cameras.IsRunning) return null;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {step.Recording} recording, {step.Chunks} chunks, {step.Gaps} gaps, backlog {step.BacklogBefore:0} -> {step.BacklogAfter:0}, latency p50 {step.LatencyByCamera.P50:0} ms p99 {step.LatencyByCamera.P99:0} ms, {step.Cores:0.00} cores{(step.KeepsUp ? "" : $"; does not keep up: {step.Complaint}")}"));
    return step;
}
