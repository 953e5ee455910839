using System.Globalization;

// Streams in real time for as long as wanted; what grows between the middle third of the time and the last third fails the run.
Report.RequireKnown(args, "minutes", "streams", "window", "interval");
var minutes = Report.Option(args, "minutes", 20);
var streams = (int)Report.Option(args, "streams", 4);
var window = Report.Option(args, "window", 3);
var interval = TimeSpan.FromSeconds(Report.Option(args, "interval", 10));

using var folder = new TempFolder();
var minute = await TestVideo.CreateAsync(folder["minute.mkv"], new() { Size = "320x180", Fps = "25", Gop = 25, Seconds = 60, Audio = "aac" });
var source = folder["source.mkv"];
await Command.RunAsync("ffmpeg", "-v", "error", "-stream_loop", $"{(int)minutes + 1}", "-i", minute, "-c", "copy", source);

await using var system = new WholeSystem();
await system.StartServersAsync();
system.SetStreams(Enumerable.Range(0, streams).Select(index => new Dictionary<string, string>
{
    ["Id"] = $"cam-{index}",
    ["Url"] = source,
    ["Realtime"] = "true",
    ["Window"] = window.ToString(CultureInfo.InvariantCulture),
}));
foreach (var service in (Service[])[system.StreamHandle, .. system.Workers]) await service.StartAsync();

(string Name, Func<int> Process)[] processes =
[
    ("stream-handle", () => system.StreamHandle.ProcessId), ("upload-worker-0", () => system.Workers[0].ProcessId), ("upload-worker-1", () => system.Workers[1].ProcessId),
    ("chunk-logger", () => system.ChunkLogger.ProcessId), ("emulator", () => system.Emulator.ProcessId),
];
var samples = new List<Sample>();
var backlog = new List<(double Minutes, double SpoolMb, long Spooled, long Logged)>();
Console.WriteLine($"{"minutes",8} {"process",-16} {"RSS MB",8} {"PSS MB",8} {"handles",8} {"threads",8}   spool MB, chunks in it, chunks logged");
var begin = TimeProvider.System.GetTimestamp();
while (TimeProvider.System.GetElapsedTime(begin).TotalMinutes is var now && now < minutes)
{
    var status = await system.StatusAsync();
    backlog.Add((now, ((long?)status?["spoolBytes"] ?? 0) / 1e6, (long?)status?["spooled"] ?? 0, system.LogLines().Count));
    foreach (var (name, process) in processes)
    {
        if (Sample.Take(name, process(), now) is not { } sample) continue;
        samples.Add(sample);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{now,8:0.00} {name,-16} {sample.RssMb,8:0.0} {sample.PssMb,8:0.0} {sample.Handles,8} {sample.Threads,8}   {backlog[^1].SpoolMb:0.0}, {backlog[^1].Spooled}, {backlog[^1].Logged}"));
    }
    await Task.Delay(interval, TimeProvider.System);
}

var growth = new List<string>();
foreach (var (name, _) in processes)
{
    var of = samples.Where(sample => sample.Process == name).ToList();
    if (of.Count == 0 || of[^1].Minutes < minutes * 0.8) growth.Add($"{name} ended");
    Compare($"{name} RSS", of.Select(sample => (sample.Minutes, sample.RssMb)), part: 0.10, slack: 10);
    Compare($"{name} handles", of.Select(sample => (sample.Minutes, (double)sample.Handles)), part: 0.05, slack: 10);
    Compare($"{name} threads", of.Select(sample => (sample.Minutes, (double)sample.Threads)), part: 0.05, slack: 6);
}
Compare("spool MB", backlog.Select(each => (each.Minutes, each.SpoolMb)), part: 0.2, slack: 5);
Compare("chunks in the spool", backlog.Select(each => (each.Minutes, (double)each.Spooled)), part: 0.2, slack: streams * 2);
foreach (var line in growth) Console.WriteLine(line);
var logged = backlog.Count > 0 ? backlog[^1].Logged : 0;
if (logged < streams * (minutes * 60 / window) * 0.8) growth.Add($"only {logged} chunks were logged");
Console.WriteLine(growth.Count == 0 ? $"nothing grows; {logged} chunks logged" : $"{growth.Count} things grow or failed");
Report.Write(new()
{
    Bench = "soak",
    About = $"{streams} streams in real time for {minutes} minutes: what grows between the middle third of the time and the last third.",
    Figures = [new("soak.growing", "things that grow (memory, handles, threads, spool) or failed", growth.Count, "") { AtMost = 0 }],
    Tables = [new("At the end", ["process", "RSS MB", "PSS MB", "handles", "threads"], [.. processes.Select(each => samples.LastOrDefault(sample => sample.Process == each.Name)).OfType<Sample>()
        .Select(sample => (string[])[sample.Process, sample.RssMb.Text(), sample.PssMb.Text(), $"{sample.Handles}", $"{sample.Threads}"])])],
    Plots = [new("rss", "Resident memory", "minutes", "MB", [.. samples.GroupBy(sample => sample.Process).Select(of => new Series(of.Key, [.. of.Select(sample => sample.Minutes)], [.. of.Select(sample => sample.RssMb)]))])],
}, new { minutes, streams, window, logged, growth, samples, backlog = backlog.Select(each => new { each.Minutes, each.SpoolMb, each.Spooled, each.Logged }) });
return growth.Count == 0 ? 0 : 1;

void Compare(string what, IEnumerable<(double Minutes, double Value)> values, double part, double slack)
{
    var all = values.ToList();
    var middle = all.Where(each => each.Minutes >= minutes / 3 && each.Minutes < minutes * 2 / 3).Select(each => each.Value).DefaultIfEmpty().Average();
    var last = all.Where(each => each.Minutes >= minutes * 2 / 3).Select(each => each.Value).DefaultIfEmpty().Average();
    if (last > middle * (1 + part) + slack) growth.Add(string.Create(CultureInfo.InvariantCulture, $"{what} grows: {middle:0.0} in the middle third, {last:0.0} in the last"));
}
