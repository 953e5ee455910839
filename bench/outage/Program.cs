using System.Globalization;
using System.Text.Json.Nodes;

// The bucket refuses every upload for an hour of stream time while stream-handle and the workers are killed at random; then it is well again.
// Time is compressed: the files are read as fast as the spool takes them.
Report.RequireKnown(args, "streams", "hours", "window", "kills", "seed");
var streams = (int)Report.Option(args, "streams", 10);
var hours = Report.Option(args, "hours", 1);
var window = Report.Option(args, "window", 3);
var kills = (int)Report.Option(args, "kills", 8);
var seed = (int)Report.Option(args, "seed", Environment.ProcessId);
var random = new Random(seed);
Console.WriteLine($"outage: {streams} streams, {hours} h of stream time in windows of {window} s, {kills} kills, seed {seed}");

using var folder = new TempFolder();
var minute = await TestVideo.CreateAsync(folder["minute.mkv"], new() { Size = "160x120", Fps = "15", Gop = 15, Seconds = 60, BFrames = 2, Audio = "aac" });
var source = folder["source.mkv"];
var loops = Math.Max(0, (int)Math.Round(hours * 60) - 1);
await Command.RunAsync("ffmpeg", "-v", "error", "-stream_loop", $"{loops}", "-i", minute, "-c", "copy", source);
var packets = new Dictionary<string, IReadOnlyList<string>>();
foreach (var track in new[] { "v:0", "a:0" }) packets[track] = await Comparison.PacketsAsync(source, track);

await using var system = new WholeSystem();
await system.StartServersAsync();
await system.RefuseUploadsAsync(503);
system.SetStreams(Enumerable.Range(0, streams).Select(index => new Dictionary<string, string>
{
    ["Id"] = $"cam-{index}",
    ["Url"] = source,
    ["Window"] = window.ToString(CultureInfo.InvariantCulture),
    ["StartTime"] = "2026-01-01T00:00:00Z",
}));
system.StreamHandle.Environment["Crispy__Spool__MaxBytes"] = $"{64L << 30}";
foreach (var service in (Service[])[system.StreamHandle, .. system.Workers]) await service.StartAsync();

long peak = 0;
var died = 0;
var begin = TimeProvider.System.GetTimestamp();
while (true)
{
    await Task.Delay(TimeSpan.FromMilliseconds(300 + random.Next(700)), TimeProvider.System);
    var status = await system.StatusAsync();
    peak = Math.Max(peak, (long?)status?["spoolBytes"] ?? 0);
    var read = status?["streams"]?.AsArray() is { Count: > 0 } all && all.All(stream => (string?)stream!["state"] == "ended" && (int)stream["pending"]! == 0);
    if (read && died >= kills) break;
    if (died >= kills || random.Next(3) > 0) continue;
    var victim = random.Next(3) == 0 ? system.StreamHandle : system.Workers[random.Next(system.Workers.Count)];
    await victim.StartAsync(); // kills it first
    died++;
}
var outage = TimeProvider.System.GetElapsedTime(begin);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"an hour's chunks are in the spool after {outage.TotalSeconds:0.0} s and {died} kills; the bucket is well again"));

await system.RefuseUploadsAsync(null);
begin = TimeProvider.System.GetTimestamp();
await system.DrainAsync(TimeSpan.FromHours(hours));
var drain = TimeProvider.System.GetElapsedTime(begin);

long captured = 0, stored = 0, distinct = 0;
var differences = new List<string>();
for (var index = 0; index < streams; index++)
{
    var id = $"cam-{index}";
    captured += (long)JsonNode.Parse(File.ReadAllText(system.Spool.Journal(id)))!["captured"]!["chunks"]!;
    var objects = await system.ObjectsAsync(id);
    stored += objects.Count;
    distinct += objects.Select(item => (string?)item["metadata"]!["crispy-chunk"]).Distinct().Count();
    differences.AddRange(await Comparison.DifferencesAsync(system, id, packets));
}
foreach (var difference in differences.Take(20)) Console.WriteLine(difference);
var rate = hours * 3600 / drain.TotalSeconds;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"captured={captured} stored={stored} lost={captured - distinct} duplicates={stored - distinct} differences={differences.Count} peakSpoolMB={peak / 1e6:0.0} drainSeconds={drain.TotalSeconds:0.0} drainRate={rate:0.0}x"));
Report.Write(new()
{
    Bench = "outage",
    About = $"The bucket refuses every upload for {hours} h of stream time of {streams} streams, while stream-handle and the workers are killed {died} times; then it is well again. Sources are read as fast as the spool takes them. "
        + "Every packet, link of the chain, signature and log line is compared with the source.",
    Figures =
    [
        new("outage.lost", "chunks lost in an outage with kills", captured - distinct, "chunks") { AtMost = 0 },
        new("outage.duplicates", "objects stored twice", stored - distinct, "objects") { AtMost = 0 },
        new("outage.differences", "differences from the source", differences.Count, "") { AtMost = 0 },
        new("outage.drain", "speed at which the backlog drains", rate, "times real time") { AtLeast = 10 },
    ],
    Tables = [new("Outage", ["streams", "hours", "kills", "captured", "stored", "peak of the spool MB", "outage s", "drain s"],
        [[$"{streams}", $"{hours}", $"{died}", $"{captured}", $"{stored}", (peak / 1e6).Text(), outage.TotalSeconds.Text(), drain.TotalSeconds.Text()]])],
}, new { streams, hours, window, kills = died, seed, captured, stored, lost = captured - distinct, duplicates = stored - distinct, differences = differences.Count, peakSpoolBytes = peak, outageSeconds = outage.TotalSeconds, drainSeconds = drain.TotalSeconds, drainRate = rate });
return captured == distinct && stored == distinct && differences.Count == 0 && rate >= 10 ? 0 : 1;
