using System.Globalization;
using System.Security.Cryptography;
using Crispy.Bench.Upload;
using Crispy.Contracts;
using Crispy.Testing;

// An upload-worker process, with a real RabbitMQ and a real Redis, against curl sending the same bytes to the same server, in turns. Then one-request
// uploads against resumable ones over a link that breaks.
Report.RequireKnown(args, "delays", "in-flight", "size", "turns", "sizes", "breaks", "mbit", "answer");
var delays = Report.Numbers(args, "delays", 0, 30, 100);
var inFlight = Report.Counts(args, "in-flight", 1, 16, 64);
var size = (int)Report.Option(args, "size", 1_000_000);
var turns = (int)Report.Option(args, "turns", 5);
var sizes = Report.Counts(args, "sizes", 1, 4, 16, 32);
var breaks = Report.Numbers(args, "breaks", 0, 64, 16);
var mbit = Report.Option(args, "mbit", 400);
var answer = TimeSpan.FromMilliseconds(Report.Option(args, "answer", 30));

var time = TimeProvider.System;
var bytes = RandomNumberGenerator.GetBytes(size);
using var folder = new TempFolder();
await File.WriteAllBytesAsync(folder["chunk"], bytes);
var crc32c = Crc32C.OfFile(folder["chunk"]);
await using var broker = new RabbitMqServer();
await using var redis = new RedisServer();
await Task.WhenAll(broker.StartAsync(), redis.StartAsync());
await using var bucket = await SlowBucket.StartAsync(crc32c, time);

var measurements = new List<Measurement>();
foreach (var delay in delays)
{
    bucket.Delay = TimeSpan.FromMilliseconds(delay);
    foreach (var connections in inFlight) measurements.Add(await MeasureAsync(delay, connections));
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"upload: one request against resumable, {mbit} Mbit/s, answers after {answer.TotalMilliseconds} ms ..."));
var transfers = await Crossover.MeasureAsync(sizes, breaks, mbit, answer, turns);
return Summary.Write(size, measurements, transfers, mbit, answer);

// Some seconds of uploads each, as far as the server's delay alone would let them go.
async Task<Measurement> MeasureAsync(double delay, int connections)
{
    var count = (int)Math.Clamp(1500 / (delay + 2) * connections, 60, 500);
    var (workers, curls) = (new List<WorkerRun>(), new List<double>());
    for (var turn = 0; turn < turns; turn++)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench-{delay:0}-{connections}-{turn}");
        workers.Add(await WorkerRun.MeasureAsync(new(folder[name]), name, connections, count, bytes, crc32c, broker, redis, bucket, time));
        Directory.Delete(folder[name], recursive: true);
        curls.Add(await CurlAsync(connections, count));
    }
    var measured = new Measurement(delay, connections, workers, curls);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"upload: answered after {delay} ms, {connections} in flight: {measured.Rate:0.0}/s, curl {measured.CurlRate:0.0}/s"));
    return measured;
}

async Task<double> CurlAsync(int connections, int count)
{
    bucket.Forget();
    var config = folder["curl.conf"];
    await File.WriteAllLinesAsync(config, Enumerable.Range(0, count).SelectMany(number => new[]
    {
        number == 0 ? "silent" : "next\nsilent", $"url = \"{bucket.Address}/upload/{number}\"", "header = \"Expect:\"", $"data-binary = \"@{folder["chunk"]}\"", "output = \"/dev/null\"",
    }));
    await Command.RunAsync("curl", "--parallel", "--parallel-immediate", "--parallel-max", $"{connections}", "--config", config);
    return bucket.Rate(time);
}
