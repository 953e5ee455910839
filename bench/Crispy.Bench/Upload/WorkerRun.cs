using Crispy.Spool;

namespace Crispy.Bench.Upload;

/// <summary>What one run of an upload-worker came to.</summary>
/// <param name="Rate">Uploads a second, once warm.</param>
/// <param name="CpuMilliseconds">CPU time of the process for one chunk, once warm.</param>
/// <param name="PeakRss">Its largest resident set, in bytes.</param>
internal sealed record WorkerRun(double Rate, double CpuMilliseconds, double PeakRss)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs a worker of its own over a number of chunks.</summary>
    public static async Task<WorkerRun> MeasureAsync(UploadServers servers, string name, int connections, int count, byte[] bytes)
    {
        var spool = new SpoolLayout(servers.Folder[name]);
        using var chunks = new SpooledChunks(spool, name, bytes, servers.Crc32c);
        await chunks.PublishAsync(servers.Broker.ConnectionString, count);
        var bucket = servers.Bucket;
        bucket.Forget();
        await using var worker = await StartAsync(servers, spool, name, connections);
        await Until.TrueAsync(() => bucket.Answered >= count / 10 || !worker.IsRunning, Limit);
        var (before, cpu) = (bucket.Answered, CpuSeconds(worker));
        await Until.TrueAsync(() => bucket.Answered >= count || !worker.IsRunning, Limit);
        if (!worker.IsRunning) throw new InvalidOperationException($"the worker ended: {await File.ReadAllTextAsync(worker.LogPath)}");
        return new(bucket.Rate(), before < count ? (CpuSeconds(worker) - cpu) * 1000 / (count - before) : double.NaN, PeakRssOf(worker));
    }

    private static Task<WatchedProcess> StartAsync(UploadServers servers, SpoolLayout spool, string name, int connections)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["STORAGE_EMULATOR_HOST"] = servers.Bucket.Address + "/storage/v1/",
            ["ConnectionStrings__rabbitmq"] = servers.Broker.ConnectionString,
            ["ConnectionStrings__redis"] = servers.Redis.ConnectionString,
            ["Crispy__Bucket"] = "bench",
            ["Crispy__Spool__Name"] = name,
            ["Crispy__Spool__Path"] = spool.Root,
            ["Crispy__Upload__Concurrency"] = $"{connections}",
        };
        return WatchedProcess.StartAsync(servers.Folder[$"{name}.log"], environment, "dotnet", Running.Built("Crispy.UploadWorker"));
    }

    private static double CpuSeconds(WatchedProcess worker) => Proc.Times(worker.Id)?.CpuSeconds ?? 0;

    private static double PeakRssOf(WatchedProcess worker) => 1024 * (Proc.Kilobytes(worker.Id, "status", "VmHWM:") ?? double.NaN);
}
