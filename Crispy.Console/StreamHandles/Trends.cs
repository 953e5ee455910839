namespace Crispy.Console.StreamHandles;

/// <summary>The last day of all streams together, a sample every ten seconds: while a console was there to take it.</summary>
public sealed class Trends(KnownStreams streams, ConsoleSettings settings, TimeProvider clock, ILogger<Trends> log) : BackgroundService
{
    private const int Kept = 24 * 360;

    private readonly Lock _turn = new();
    private readonly Queue<Sample> _samples = new(Kept);
    private readonly SampleFile _file = new(settings.PlotsFile, Kept, log);
    private List<double> _delays = [];

    /// <summary>The samples of a time, oldest first.</summary>
    public IReadOnlyList<Sample> Since(DateTimeOffset from)
    {
        lock (_turn) return [.. _samples.Where(sample => sample.At > from)];
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = _file.Read();
        lock (_turn)
        {
            foreach (var sample in before) _samples.Enqueue(sample);
        }
        streams.ChunkChanged += Note;
        try
        {
            using var ticks = new PeriodicTimer(Sample.Interval, clock);
            while (await ticks.WaitForNextTickAsync(stoppingToken)) Take();
        }
        finally
        {
            streams.ChunkChanged -= Note;
        }
    }

    private void Note(ChunkEvent chunk)
    {
        if (chunk is not { State: ChunkEventState.Stored, To: { } to }) return;
        var delay = Math.Max(0, (clock.GetUtcNow() - to).TotalSeconds);
        lock (_turn) _delays.Add(delay);
    }

    private void Take()
    {
        var (now, all) = (clock.GetUtcNow(), streams.All);
        var conditions = all.Select(stream => (stream.Report, Condition: streams.ConditionOf(stream, now))).ToList();
        var running = conditions.Where(stream => stream.Condition.IsRecording).Select(stream => stream.Report).ToList();
        Sample sample;
        lock (_turn)
        {
            var delays = _delays.Order().ToList();
            _delays = [];
            if (_samples.Count == Kept) _samples.Dequeue();
            _samples.Enqueue(
                sample = new(now, running.Sum(report => report.Bitrate ?? 0), running.Sum(report => report.Fps ?? 0),
                    all.Sum(stream => stream.Report.Spooled), running.Count,
                conditions.Count(stream => stream.Condition.Level is Level.Bad), delays.Count > 0 ? delays[delays.Count / 2] : null,
                delays.Count > 0 ? delays[^1] : null));
        }
        _file.Add(sample);
    }
}
