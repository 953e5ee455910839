using System.Security.Cryptography;

namespace Crispy.Bench.Upload;

/// <summary>An upload-worker process, with a real RabbitMQ and a real Redis, against curl sending the same bytes to the same server, in
/// turns. Then one-request uploads against resumable ones over a link that breaks.</summary>
internal sealed class UploadBenchmark(UploadServers servers, byte[] bytes, int turns)
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Options(args, "delays", "in-flight", "size", "turns", "sizes", "breaks", "mbit", "answer");
        var delays = options.Numbers("delays", 0, 30, 100);
        var inFlight = options.Counts("in-flight", 1, 16, 64);
        var size = options.Count("size", 1_000_000);
        var turns = options.Count("turns", 5);
        var sizes = options.Counts("sizes", 1, 4, 16, 32);
        var breaks = options.Numbers("breaks", 0, 64, 16);
        var mbit = options.Number("mbit", 400);
        var answer = TimeSpan.FromMilliseconds(options.Number("answer", 30));

        var bytes = RandomNumberGenerator.GetBytes(size);
        await using var servers = await UploadServers.StartAsync(bytes);
        var benchmark = new UploadBenchmark(servers, bytes, turns);
        var measurements = new List<Measurement>();
        foreach (var delay in delays)
        {
            foreach (var connections in inFlight) measurements.Add(await benchmark.MeasureAsync(delay, connections));
        }
        Console.WriteLine($"upload: one request against resumable, {mbit} Mbit/s, answers after {answer.TotalMilliseconds} ms ...");
        var transfers = await Crossover.MeasureAsync(sizes, breaks, mbit, answer, turns);
        return Summary.Write(size, measurements, transfers, mbit, answer);
    }

    // Some seconds of uploads each, as far as the server's delay alone would let them go.
    private async Task<Measurement> MeasureAsync(double delay, int connections)
    {
        servers.Bucket.Delay = TimeSpan.FromMilliseconds(delay);
        var count = (int)Math.Clamp(1500 / (delay + 2) * connections, 60, 500);
        var (workers, curls) = (new List<WorkerRun>(), new List<double>());
        for (var turn = 0; turn < turns; turn++)
        {
            var name = $"bench-{delay:0}-{connections}-{turn}";
            workers.Add(await WorkerRun.MeasureAsync(servers, name, connections, count, bytes));
            Directory.Delete(servers.Folder[name], recursive: true);
            curls.Add(await CurlAsync(connections, count));
        }
        var measured = new Measurement(delay, connections, workers, curls);
        Console.WriteLine($"upload: answered after {delay} ms, {connections} in flight: "
            + $"{measured.Rate:0.0}/s, curl {measured.CurlRate:0.0}/s");
        return measured;
    }

    private async Task<double> CurlAsync(int connections, int count)
    {
        servers.Bucket.Forget();
        await Curl.SendAsync(servers.Folder["curl.conf"], connections, Enumerable.Range(0, count).Select(number => (string[])
            [$"url = \"{servers.Bucket.Address}/upload/{number}\"", $"data-binary = \"@{servers.ChunkFile}\""]));
        return servers.Bucket.Rate();
    }
}
