using System.Globalization;
using System.Security.Cryptography;
using Crispy.Bench.Upload;
using Crispy.Contracts;
using Crispy.Testing;
using Crispy.UploadWorker.Uploading;

// bench/upload [milliseconds the bucket takes to answer] [bytes a chunk] [uploads in flight, ...]
// Measures an upload-worker process, with a real RabbitMQ and a real Redis, against curl sending the same bytes to the same server.
var time = TimeProvider.System;
var delay = TimeSpan.FromMilliseconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 30);
var size = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
int[] inFlight = args.Length > 2 ? [.. args[2..].Select(text => int.Parse(text, CultureInfo.InvariantCulture))] : [1, 2, 4, 8, 16];

var bytes = RandomNumberGenerator.GetBytes(size);
using var folder = new TempFolder();
await File.WriteAllBytesAsync(folder["chunk"], bytes);
var crc32c = Crc32C.OfFile(folder["chunk"]);
await using var broker = new RabbitMqServer();
await using var redis = new RedisServer();
await Task.WhenAll(broker.StartAsync(), redis.StartAsync());
await using var bucket = await SlowBucket.StartAsync(delay, crc32c, time);

Console.WriteLine($"{size:N0} bytes a chunk, answered {delay.TotalMilliseconds} ms after the last byte, {Environment.ProcessorCount} cores");
Console.WriteLine("in flight |  worker/s  a connection | worker CPU ms/chunk  peak RSS MB |  curl/s  a connection | of curl");
foreach (var connections in inFlight)
{
    var count = Math.Min(800, 150 + (50 * connections));
    var worker = await WorkerRun.MeasureAsync(new(folder[$"spool{connections}"]), $"bench{connections}", connections, count, bytes, crc32c, broker, redis, bucket, time);
    var curl = await CurlAsync(connections, count);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{connections,9} | {worker.Rate,9:F1} {worker.Rate / connections,13:F1} | {worker.CpuMilliseconds / count,19:F2} {worker.PeakRss / 1e6,12:F0} | {curl,7:F1} {curl / connections,13:F1} | {worker.Rate / curl,7:P0}"));
}
return 0;

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
