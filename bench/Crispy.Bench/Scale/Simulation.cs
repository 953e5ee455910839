using Crispy.Coordination;

namespace Crispy.Bench.Scale;

/// <summary>What a number of cameras asks for at one window.</summary>
internal sealed record Load
{
    public required double WindowSeconds { get; init; }

    public required double ChunksPerSecond { get; init; }

    public required double Cores { get; init; }

    public required double MemoryGigabytes { get; init; }

    public required int Machines { get; init; }

    public required double CamerasPerMachine { get; init; }

    public required double RabbitMessagesPerSecond { get; init; }

    public required double BucketWritesPerSecond { get; init; }

    public required double RedisGigabytes { get; init; }

    public required double RedisCommandsPerSecond { get; init; }

    public required double ChunkLoggerCores { get; init; }

    public required double OperationsPerMonth { get; init; }

    public required double StoragePerMonth { get; init; }
}

/// <summary>One thing that is limited, and how many cameras it carries.</summary>
internal sealed record Limit(string What, double Need, double Capacity, string Unit, double Cameras, string MovedBy);

/// <summary>Reckons with measured figures; nothing in it is measured here.</summary>
internal sealed class Simulation(Figures figures, int cameras, double days)
{
    private const double SecondsPerMonth = 30 * 24 * 3600;
    private const double Gib = 1L << 30;

    // queued, uploading, stored.
    private const double RedisMovesPerChunk = 3;

    /// <summary>A lease is renewed after each chunk, and every third of its time at least: 2 s by default.</summary>
    private const double RenewalSeconds = 2;

    /// <summary>The load at a window.</summary>
    public Load At(double window)
    {
        var chunks = cameras / window;
        var cpuMs = figures.StreamHandleCpuMsPerChunk.Value + figures.UploadWorkerCpuMsPerChunk.Value;
        var cores = cameras * figures.FfmpegCores.Value + chunks * cpuMs / 1000;
        var memory = cameras * figures.StreamMegabytes.Value / 1000;
        var network = cameras * figures.BitsPerSecond.Value;
        var use = figures.MachineUse.Value;
        var byMemory = Math.Max(memory / (figures.MachineGigabytes.Value * use), network / (figures.MachineBitsPerSecond.Value * use));
        var machines = Math.Max(cores / (figures.MachineCores.Value * use), byMemory);
        var stored = cameras * figures.BitsPerSecond.Value / 8 * days * 24 * 3600 / Gib;
        return new()
        {
            WindowSeconds = window,
            ChunksPerSecond = chunks,
            Cores = cores,
            MemoryGigabytes = memory,
            Machines = (int)Math.Ceiling(machines),
            CamerasPerMachine = Math.Floor(cameras / machines),
            RabbitMessagesPerSecond = chunks,
            BucketWritesPerSecond = chunks,
            RedisGigabytes = (chunks * ChunkStates.Kept.TotalSeconds * figures.RedisBytesPerChunk.Value
                + cameras * figures.RedisBytesPerStream.Value) / 1e9,
            RedisCommandsPerSecond = chunks * RedisMovesPerChunk + cameras / Math.Min(window, RenewalSeconds),
            ChunkLoggerCores = chunks * figures.ChunkLoggerCpuMsPerChunk.Value / 1000,
            OperationsPerMonth = chunks * SecondsPerMonth / 1000 * (figures.ClassAPerThousand.Value + figures.ClassBPerThousand.Value),
            StoragePerMonth = stored * figures.StoragePerGibMonth.Value,
        };
    }

    /// <summary>Of what there is one, soonest first. Recording machines are not among them: more of them carry more.</summary>
    public IReadOnlyList<Limit> Limits(double window)
    {
        var load = At(window);
        return
        [
            .. new[]
            {
                Of("memory of one Redis", load.RedisGigabytes, figures.RedisGigabytes.Value, "GB",
                    "a longer window; keeping the states of stored chunks for less than 7 days"),
                Of("commands of one Redis", load.RedisCommandsPerSecond, figures.RedisMovesPerSecond.Value, "1/s",
                    "a longer window; leases on a Redis of their own"),
                Of("one RabbitMQ node with one queue", load.RabbitMessagesPerSecond, figures.RabbitMessagesPerSecond.Value, "1/s",
                    "a queue a spool, their leaders on several nodes"),
                Of("a bucket that has not scaled yet", load.BucketWritesPerSecond, figures.BucketWritesPerSecond.Value, "1/s",
                    "starting cameras gradually: the bucket scales by itself within minutes; several buckets"),
            }.OrderBy(limit => limit.Cameras),
        ];
    }

    private Limit Of(string what, double need, double capacity, string unit, string movedBy) =>
        new(what, need, capacity, unit, Math.Floor(cameras * capacity / need), movedBy);
}
