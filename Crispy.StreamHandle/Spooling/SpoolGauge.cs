using Crispy.Spool;

namespace Crispy.StreamHandle.Spooling;

/// <summary>How full the spool is: measured now and then, since workers empty it from outside, and in between counted up.</summary>
/// <param name="spool">The spool.</param>
/// <param name="clock">The time.</param>
/// <param name="volume">Tells the volume's space; by default that of the volume that the spool lies on.</param>
public sealed class SpoolGauge(SpoolLayout spool, TimeProvider clock, Func<VolumeSpace>? volume = null) : BackgroundService
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(0.5);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _streams = new(StringComparer.Ordinal);
    private readonly Func<VolumeSpace> _volume = volume ?? (() => Space(new DriveInfo(spool.Root)));
    private volatile VolumeSample? _sample;
    private long _bytes;
    private long _oldestTicks;

    /// <summary>Bytes of all files in the spool, open segments included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Who holds the volume, as last measured; null before the first time.</summary>
    public VolumeSample? Sample => _sample;

    /// <summary>Bytes that can be written to the volume now.</summary>
    public long Free => _volume().Free;

    /// <summary>How long the oldest ready chunk has waited; zero when none waits.</summary>
    public TimeSpan OldestAge => Volatile.Read(ref _oldestTicks) is > 0 and var ticks ? clock.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero) : TimeSpan.Zero;

    /// <summary>Bytes of one stream's files.</summary>
    public long BytesOf(string stream) => _streams.GetValueOrDefault(stream);

    /// <summary>Counts bytes that were just added to a stream, or taken away.</summary>
    public void Add(string stream, long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        _streams.AddOrUpdate(stream, bytes, (_, before) => before + bytes);
    }

    /// <summary>Measures now.</summary>
    public void Measure()
    {
        long bytes = 0;
        long blocks = 0;
        var before = _volume();
        var oldest = DateTime.MaxValue;
        foreach (var stream in spool.Streams())
        {
            long own = 0;
            foreach (var file in new DirectoryInfo(spool.Stream(stream)).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true }))
            {
                if (!file.Exists) continue; // a worker took it while we looked
                own += file.Length;
                blocks += VolumeSample.Blocks(file.Length);
                if (file.Extension == ".json" && file.Directory?.Name == "ready" && file.LastWriteTimeUtc < oldest) oldest = file.LastWriteTimeUtc;
            }
            _streams[stream] = own;
            bytes += own;
        }
        Volatile.Write(ref _bytes, bytes);
        blocks += VolumeSample.Blocks(new SpoolReserve(spool).Bytes);

        // Of what was written or deleted meanwhile it is not known whether it was counted: then rather too little room than too much.
        var after = _volume();
        _sample = new(blocks, before.Free < after.Free ? before : after);
        Volatile.Write(ref _oldestTicks, oldest == DateTime.MaxValue ? 0 : oldest.Ticks);
    }

    private static VolumeSpace Space(DriveInfo drive) => new(drive.TotalSize, drive.AvailableFreeSpace);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var start = clock.GetTimestamp();
            try
            {
                await Task.Run(Measure, stoppingToken);
            }
            catch (Exception changed) when (changed is FileNotFoundException or DirectoryNotFoundException)
            {
                // Files come and go while they are counted: the next measurement is soon.
            }
            // A large spool is measured less often, so that measuring takes at most a tenth of one core.
            var pause = clock.GetElapsedTime(start) * 9;
            await Task.Delay(pause > LeastInterval ? pause : LeastInterval, clock, stoppingToken);
        }
    }
}
