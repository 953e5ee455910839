namespace Crispy.Console.Recorders;

/// <summary>How the whole fleet was at one moment.</summary>
/// <param name="At">UTC.</param>
/// <param name="Bitrate">Bits a second of all streams together.</param>
/// <param name="Fps">Frames a second of all streams together.</param>
/// <param name="Waiting">Chunks in the spools.</param>
/// <param name="Recording">Streams that record.</param>
/// <param name="Trouble">Streams in trouble.</param>
/// <param name="DelayMedian">Seconds from last frame to stored: the median of the chunks stored since the sample before; null where none was.</param>
/// <param name="DelayWorst">The same: the longest.</param>
public sealed record Sample(DateTimeOffset At, double Bitrate, double Fps, int Waiting, int Recording, int Trouble, double? DelayMedian, double? DelayWorst);

/// <summary>The last day of the fleet, a sample every ten seconds, in memory: since this console started.</summary>
public sealed class Trends(Fleet fleet, TimeProvider clock) : BackgroundService
{
    private const int Kept = 24 * 360;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly Queue<Sample> _samples = new(Kept);
    private List<double> _delays = [];

    /// <summary>The samples of a time, oldest first.</summary>
    public IReadOnlyList<Sample> Since(DateTimeOffset from)
    {
        lock (_turn) return [.. _samples.Where(sample => sample.At > from)];
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        fleet.ChunkChanged += Note;
        try
        {
            using var ticks = new PeriodicTimer(Interval, clock);
            while (await ticks.WaitForNextTickAsync(stoppingToken)) Take();
        }
        finally
        {
            fleet.ChunkChanged -= Note;
        }
    }

    private void Note(ChunkEvent chunk)
    {
        if (chunk.State != "stored") return;
        var delay = Math.Max(0, (clock.GetUtcNow() - chunk.To).TotalSeconds);
        lock (_turn) _delays.Add(delay);
    }

    private void Take()
    {
        var (now, streams) = (clock.GetUtcNow(), fleet.Streams);
        var conditions = streams.Select(stream => (stream.Report, Condition: Condition.Of(stream, fleet, now))).ToList();
        var running = conditions.Where(stream => stream.Condition.IsRecording).Select(stream => stream.Report).ToList();
        lock (_turn)
        {
            var delays = _delays.Order().ToList();
            _delays = [];
            if (_samples.Count == Kept) _samples.Dequeue();
            _samples.Enqueue(new(now, running.Sum(report => report.Bitrate ?? 0), running.Sum(report => report.Fps ?? 0), streams.Sum(stream => stream.Report.Spooled), running.Count,
                conditions.Count(stream => stream.Condition.Level is Level.Bad), delays.Count > 0 ? delays[delays.Count / 2] : null, delays.Count > 0 ? delays[^1] : null));
        }
    }
}
