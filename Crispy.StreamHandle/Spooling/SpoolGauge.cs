using Crispy.Spool;
using Crispy.Backplane;

namespace Crispy.StreamHandle.Spooling;

/// <summary>How full the spool is: measured now and then, since workers empty it from outside, and in between counted up.</summary>
public sealed class SpoolGauge(SpoolLayout spool, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(0.5);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _streams = new(StringComparer.Ordinal);
    private long _bytes;
    private long _oldestTicks;

    /// <summary>Bytes of all files in the spool, open segments included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

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
        var oldest = DateTime.MaxValue;
        foreach (var stream in spool.Streams())
        {
            long own = 0;
            foreach (var file in new DirectoryInfo(spool.Stream(stream)).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true }))
            {
                if (!file.Exists) continue; // a worker took it while we looked
                own += file.Length;
                if (file.Extension == ".json" && file.Directory?.Name == "ready" && file.LastWriteTimeUtc < oldest) oldest = file.LastWriteTimeUtc;
            }
            _streams[stream] = own;
            bytes += own;
        }
        Volatile.Write(ref _bytes, bytes);
        Volatile.Write(ref _oldestTicks, oldest == DateTime.MaxValue ? 0 : oldest.Ticks);
    }

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
