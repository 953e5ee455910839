using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Crispy.Console.Recorders;

/// <summary>Which part of a range of a stream is recorded, 0 to 1: asks the archive.</summary>
public delegate Task<double> CoverageReader(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken stop);

/// <summary>How much of the last 24 hours is recorded, of the streams that somebody looks at. One is reckoned at a time, since the first time lists a day of the
/// bucket; what is older than five minutes is reckoned anew when it is looked at again.</summary>
public sealed class Coverage(CoverageReader read, Fleet fleet, TimeProvider clock, ILogger<Coverage> log) : BackgroundService
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (double? Part, DateTimeOffset At)> _known = new(StringComparer.Ordinal);

    // What does not fit is asked for again by the next drawing.
    private readonly Channel<string> _wanted = Channel.CreateBounded<string>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);

    /// <summary>The part as last reckoned, 0 to 1; null while it is not known. Has it reckoned where it is missing or old.</summary>
    public double? Of(string stream)
    {
        var found = _known.TryGetValue(stream, out var known);
        if ((!found || clock.GetUtcNow() - known.At > Fresh) && _waiting.TryAdd(stream, true) && !_wanted.Writer.TryWrite(stream)) _waiting.TryRemove(stream, out _);
        return known.Part;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var stream in _wanted.Reader.ReadAllAsync(stoppingToken))
        {
            var now = clock.GetUtcNow();
            try
            {
                _known[stream] = (await read(stream, now - Day, now, stoppingToken), now);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // A tile without this number is better than none; the next look asks again.
                Log.CoverageFailed(log, stream, failed.Message);
                _known[stream] = (_known.GetValueOrDefault(stream).Part, now);
            }
            _waiting.TryRemove(stream, out _);
            fleet.Touch();
        }
    }
}
