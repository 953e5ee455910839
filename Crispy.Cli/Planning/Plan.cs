using Crispy.Bench.Scale;

namespace Crispy.Cli.Planning;

/// <summary>What to record.</summary>
/// <param name="Cameras">How many.</param>
/// <param name="MegabitsPerSecond">What one sends.</param>
/// <param name="Outage">The longest outage of the bucket that must cost nothing.</param>
/// <param name="Days">How long objects are kept.</param>
/// <param name="WindowSeconds">Length of a chunk.</param>
internal sealed record Wish(int Cameras, double MegabitsPerSecond, TimeSpan Outage, double Days, double WindowSeconds);

/// <summary>What a wish asks for, by the measured figures of <c>bench/Crispy.Bench/Scale/figures.json</c>. Bytes are of 8 bits, GB are 10^9
/// bytes.</summary>
internal sealed record Plan
{
    private const int Workers = 2;

    // Of what waits in the spool more than was sent: manifests, file systems' blocks, segments that are being written, bit rates that vary.
    private const double Spare = 1.15;

    // Bytes that Redis has before it knows of a chunk, and room to start with.
    private const double RedisFloor = 64e6;

    /// <summary>What was asked for.</summary>
    public required Wish Wish { get; init; }

    /// <summary>Bytes of the spool: the outage, with something to spare.</summary>
    public required long SpoolBytes { get; init; }

    /// <summary>Bytes of a volume that has that for the spool when nothing else is on it.</summary>
    public required long VolumeBytes { get; init; }

    /// <summary>Bytes of memory of stream-handle and its ffmpegs: the limit of its container.</summary>
    public required long StreamHandleBytes { get; init; }

    /// <summary>Bytes of memory of Redis, which keeps the states of a week's chunks.</summary>
    public required long RedisBytes { get; init; }

    /// <summary>Bytes of memory of all processes on one machine.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Cores that are busy; a machine should have more.</summary>
    public required double Cores { get; init; }

    /// <summary>Cores of the machine, so that it is used by no more than <c>machineUse</c> of the figures.</summary>
    public required int MachineCores { get; init; }

    /// <summary>Bits a second that go to the bucket.</summary>
    public required double UplinkBits { get; init; }

    /// <summary>Bytes in the bucket once the oldest objects are deleted.</summary>
    public required double StoredBytes { get; init; }

    /// <summary>US dollars a month: what is kept.</summary>
    public required double StoragePerMonth { get; init; }

    /// <summary>US dollars a month: an upload of each chunk and a read of its head.</summary>
    public required double OperationsPerMonth { get; init; }

    /// <summary>Reckons.</summary>
    public static Plan Of(Wish wish, Figures figures)
    {
        var bits = wish.MegabitsPerSecond * 1e6;
        // The figures were measured at one bit rate: what sends more costs more in proportion, what sends less is not counted as cheaper.
        var heavier = Math.Max(1, bits / figures.BitsPerSecond.Value);
        var load = new Simulation(figures with { BitsPerSecond = new(bits, "asked for") }, wish.Cameras, wish.Days).At(wish.WindowSeconds);
        var spool = wish.Cameras * bits / 8 * wish.Outage.TotalSeconds * Spare;
        var streamHandle = (figures.StreamHandleMegabytes.Value + (wish.Cameras * figures.StreamMegabytes.Value)) * 1e6;
        var others =
            ((Workers * figures.UploadWorkerMegabytes.Value) + figures.ConsoleMegabytes.Value + figures.RabbitMegabytes.Value) * 1e6;
        // It copies itself to write its file: what changes meanwhile is there twice.
        var redis = Math.Max(RedisFloor, load.RedisGigabytes * 1e9 * Spare);
        var cores = load.Cores * heavier;
        return new()
        {
            Wish = wish,
            SpoolBytes = (long)Math.Round(spool),
            VolumeBytes = (long)Math.Ceiling(spool + Math.Min(spool / 9, 16L << 30)),
            StreamHandleBytes = (long)streamHandle,
            RedisBytes = (long)redis,
            MemoryBytes = (long)(streamHandle + others + redis),
            Cores = cores,
            MachineCores = Math.Max(2, (int)Math.Ceiling(cores / figures.MachineUse.Value)),
            UplinkBits = wish.Cameras * bits,
            StoredBytes = wish.Cameras * bits / 8 * wish.Days * 86400,
            StoragePerMonth = load.StoragePerMonth,
            OperationsPerMonth = load.OperationsPerMonth,
        };
    }
}
