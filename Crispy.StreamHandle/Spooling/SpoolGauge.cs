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
    private readonly SpoolForecast _forecast = new(clock);
    private volatile IReadOnlyDictionary<string, StreamFill> _fills = new Dictionary<string, StreamFill>(StringComparer.Ordinal);
    private readonly Func<VolumeSpace> _volume = volume ?? (() => Space(new DriveInfo(spool.Root)));
    private volatile VolumeSample? _sample;
    private long _bytes;

    /// <summary>Bytes of all files in the spool, open segments included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Who holds the volume, as last measured; null before the first time.</summary>
    public VolumeSample? Sample => _sample;

    /// <summary>Bytes that can be written to the volume now.</summary>
    public long Free => _volume().Free;

    /// <summary>How long the oldest ready chunk has waited; zero when none waits.</summary>
    public TimeSpan OldestAge => _fills.Values.Select(fill => fill.OldestAge(clock.GetUtcNow())).DefaultIfEmpty().Max();

    /// <summary>What of one stream waits, as last measured.</summary>
    public StreamFill FillOf(string stream) => _fills.GetValueOrDefault(stream);

    /// <summary>How long the oldest ready chunk of one stream has waited; zero when none waits.</summary>
    public TimeSpan OldestAgeOf(string stream) => FillOf(stream).OldestAge(clock.GetUtcNow());

    /// <summary>Seconds until there is no more room, at the rate of the last two minutes; infinite while the spool does not grow.</summary>
    /// <param name="room">Bytes until the budget is used up.</param>
    /// <param name="volumeRoom">Bytes until the volume has no more than must stay free.</param>
    public double SecondsUntilFull(long room, long volumeRoom)
    {
        lock (_forecast) return _forecast.SecondsUntilFull(room, volumeRoom);
    }

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
        var fills = new Dictionary<string, StreamFill>(StringComparer.Ordinal);
        foreach (var stream in spool.Streams())
        {
            long own = 0;
            var fill = default(StreamFill);
            var (ready, dead) = (spool.Ready(stream), spool.Dead(stream));
            foreach (var file in new DirectoryInfo(spool.Stream(stream))
                .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true }))
            {
                if (!file.Exists) continue; // a worker took it while we looked
                own += file.Length;
                blocks += VolumeSample.Blocks(file.Length);
                fill = fill.With(file, ready, dead);
            }
            _streams[stream] = own;
            fills[stream] = fill;
            bytes += own;
        }
        Volatile.Write(ref _bytes, bytes);
        blocks += VolumeSample.Blocks(new SpoolReserve(spool).Bytes);

        // Of what was written or deleted meanwhile it is not known whether it was counted: then rather too little room than too much.
        var after = _volume();
        _sample = new(blocks, before.Free < after.Free ? before : after);
        _fills = fills;
        lock (_forecast) _forecast.Add(bytes, _sample.Space.Free);
    }

    /// <summary>How long to wait after a look at the whole spool. A large one is looked at less often, so that looking takes at most a
    /// tenth of one core.</summary>
    /// <param name="look">How long the look took.</param>
    /// <param name="least">The shortest pause.</param>
    public static TimeSpan PauseAfter(TimeSpan look, TimeSpan least) => look * 9 > least ? look * 9 : least;

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
            await Task.Delay(PauseAfter(clock.GetElapsedTime(start), LeastInterval), clock, stoppingToken);
        }
    }
}
