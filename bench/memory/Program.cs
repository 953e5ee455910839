using System.Globalization;
using Crispy.Bench.Memory;

// What each process holds: without a stream, with real cameras, and while the bucket refuses every upload.
Report.RequireKnown(args, "streams", "seconds", "outage", "workers", "mounts");
var counts = Report.Counts(args, "streams", 1, 10, 100);
var seconds = TimeSpan.FromSeconds(Report.Option(args, "seconds", 20));
var outage = (int)Report.Option(args, "outage", 10);
var workers = (int)Report.Option(args, "workers", 2);
var mounts = (int)Report.Option(args, "mounts", 10);

var startup = TimeSpan.FromSeconds(90);
var source = await SourceVideo.AtLeastAsync(seconds.TotalSeconds + startup.TotalSeconds + 63);
var stages = new List<Stage> { await MeasureAsync("idle", 0, refuse: false) };
foreach (var count in counts) stages.Add(await MeasureAsync($"{count} stream{(count == 1 ? "" : "s")}", count, refuse: false));
stages.Add(await MeasureAsync($"outage, {outage} streams", outage, refuse: true));
return Summary.Write(stages, seconds);

async Task<Stage> MeasureAsync(string name, int streams, bool refuse)
{
    Console.WriteLine($"memory: {name} ...");
    await using var cameras = await Cameras.StartAsync(source, Math.Clamp(streams, 1, mounts));
    await using var system = Running.AsShipped(workers);
    system.SetCameras(cameras, streams, window: 3);
    await system.StartAllAsync();
    var recording = await system.UntilRecordingAsync(streams, startup);
    if (recording < streams) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"only {recording} of {streams} streams began"));
    if (refuse) await system.RefuseUploadsAsync(503);
    var sampler = Sampler.Start(TimeSpan.FromSeconds(1));
    await Task.Delay(seconds, TimeProvider.System);
    return new(name, streams, await sampler.StopAsync());
}
