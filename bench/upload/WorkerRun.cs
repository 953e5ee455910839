using System.Globalization;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.Bench.Upload;

/// <summary>What one run of an upload-worker came to.</summary>
/// <param name="Rate">Uploads a second, once warm.</param>
/// <param name="CpuMilliseconds">CPU time of the process for one chunk, once warm.</param>
/// <param name="PeakRss">Its largest resident set, in bytes.</param>
internal sealed record WorkerRun(double Rate, double CpuMilliseconds, double PeakRss)
{
    /// <summary>Runs a worker of its own over a number of chunks.</summary>
    public static async Task<WorkerRun> MeasureAsync(SpoolLayout spool, string name, int connections, int count, byte[] bytes, string crc32c,
        RabbitMqServer broker, RedisServer redis, SlowBucket bucket, TimeProvider time)
    {
        using var chunks = new SpooledChunks(spool, name, bytes, crc32c);
        await chunks.PublishAsync(broker.ConnectionString, count);
        bucket.Forget();
        using var folder = new TempFolder();
        await using var worker = await WatchedProcess.StartAsync(folder["worker.log"], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["STORAGE_EMULATOR_HOST"] = bucket.Address + "/storage/v1/",
            ["ConnectionStrings__rabbitmq"] = broker.ConnectionString,
            ["ConnectionStrings__redis"] = redis.ConnectionString,
            ["Crispy__Bucket"] = "bench",
            ["Crispy__Spool__Name"] = name,
            ["Crispy__Spool__Path"] = spool.Root,
            ["Crispy__Upload__Concurrency"] = $"{connections}",
        }, "dotnet", Path.Combine(AppContext.BaseDirectory, "Crispy.UploadWorker.dll"));
        await Until.TrueAsync(() => bucket.Answered >= count / 10 || !worker.IsRunning, TimeSpan.FromMinutes(10));
        var (before, cpu) = (bucket.Answered, worker.IsRunning ? Cpu(worker.Id) : 0);
        await Until.TrueAsync(() => bucket.Answered >= count || !worker.IsRunning, TimeSpan.FromMinutes(10));
        if (!worker.IsRunning) throw new InvalidOperationException($"the worker ended: {await File.ReadAllTextAsync(folder["worker.log"])}");
        return new(bucket.Rate(time), before < count ? (Cpu(worker.Id) - cpu) / (count - before) : double.NaN, PeakRssOf(worker.Id));
    }

    // Fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms; they are counted from behind the name, which may hold blanks.
    private static double Cpu(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return 10.0 * (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture));
    }

    private static double PeakRssOf(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(one => one.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * double.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture);
    }
}
