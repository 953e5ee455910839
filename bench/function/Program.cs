using System.Globalization;
using Crispy.Bench.Function;

// chunk-logger alone, on real chunks in the emulator: it gets the pushes that Pub/Sub would send, and reads the objects through a relay that counts.
Report.RequireKnown(args, "chunks", "starts", "parallel", "warm");
var chunks = (int)Report.Option(args, "chunks", 600);
var starts = (int)Report.Option(args, "starts", 5);
var parallel = (int)Report.Option(args, "parallel", 8);
var warm = Math.Min(chunks / 4, (int)Report.Option(args, "warm", 100));

// Chunks of a second, one for each event.
var source = await SourceVideo.OfAsync(chunks);
await using var system = Running.AsShipped(workers: 2);
system.SetStreams([new Dictionary<string, string> { ["Id"] = "bench", ["Url"] = source, ["Window"] = "1" }]);
await system.StartAllAsync();
await system.DrainAsync(TimeSpan.FromMinutes(10));
await Task.WhenAll(system.Workers.Append(system.StreamHandle).Select(service => service.StopAsync()));
var objects = (await system.ObjectsAsync("bench")).OrderBy(item => (string)item["name"]!, StringComparer.Ordinal).ToList();
Console.WriteLine($"function: {objects.Count} chunks of {objects.Average(item => double.Parse((string)item["size"]!, CultureInfo.InvariantCulture)) / 1e6:0.00} MB");

await using var relay = new CountingRelay(system.Emulator.Port);
system.ChunkLogger.Environment["STORAGE_EMULATOR_HOST"] = $"http://127.0.0.1:{relay.Port}/storage/v1/";
using var folder = new TempFolder();
using var events = new Events(system.ChunkLogger.Port);

List<ColdStart> cold = [];
for (var number = 0; number < starts; number++) cold.Add(await ColdStart.MeasureAsync(system, folder[$"cold-{number}.jsonl"], events, objects[number % objects.Count]));
var one = await Load.MeasureAsync(system, folder["one.jsonl"], relay, events, objects, warm, parallel: 1);
var many = await Load.MeasureAsync(system, folder["many.jsonl"], relay, events, objects, warm, parallel);

Load[] loads = [one, many];
return Report.Write(new()
{
    Bench = "function",
    About = "chunk-logger on chunks of 1080p30 in the local bucket, each announced by a push of Pub/Sub: head of the object read, signature and chain verified, URL signed, line written. "
        + "Bytes are those on the wire from the bucket, headers included; the first events, in which the process is still warming up, count for cold start only.",
    Figures =
    [
        new("function.cpu", "CPU of chunk-logger a chunk", one.CpuMs, "ms") { AtMost = 10 },
        new("function.bytes", "bytes read of an object, headers included", one.BytesRead / 1024, "KiB") { AtMost = 64 },
        new("function.latency", "event to answer, median", one.Latency.Median(), "ms"),
        new("function.rss", "greatest resident memory", loads.Max(load => load.PeakRssMb), "MB") { AtMost = 120 },
        Statistics.Figure("function.coldServing", "cold start: process start until it accepts connections", [.. cold.Select(each => each.ServingMs)], "ms"),
        Statistics.Figure("function.coldFirst", "cold start: process start until the first event is answered", [.. cold.Select(each => each.FirstAnswerMs)], "ms"),
    ],
    Tables =
    [
        new("Warm", ["at once", "events/s", "CPU ms a chunk", "latency p50 ms", "p99", "max", "KiB read", "KiB sent", "peak RSS MB"], [.. loads.Select(load => (string[])
            [$"{load.Parallel}", load.Rate.Text(), load.CpuMs.Text(2), load.Latency.Median().Text(), load.Latency.Percentile(99).Text(), load.Latency.Greatest().Text(), (load.BytesRead / 1024).Text(), (load.BytesSent / 1024).Text(), load.PeakRssMb.Text()])]),
        new("Cold", ["", "ms (spread)", "CPU s"],
        [
            ["accepts connections", cold.Select(each => each.ServingMs).ToList().WithSpread(), ""],
            ["first event answered", cold.Select(each => each.FirstAnswerMs).ToList().WithSpread(), cold.Select(each => each.CpuSeconds).Median().Text(2)],
        ]),
    ],
    Plots = [new("latency", "Event to answer", "percent of events", "ms", [.. loads.Select(load => new Series($"{load.Parallel} at once", [.. Enumerable.Range(1, 99).Select(each => (double)each)], [.. Enumerable.Range(1, 99).Select(percent => load.Latency.Percentile(percent))]))])],
}, new { cold, loads });
