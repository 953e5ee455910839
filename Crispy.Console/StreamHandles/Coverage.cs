using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Crispy.Console.StreamHandles;

/// <summary>How much of a stretch of time of a stream is recorded.</summary>
/// <param name="Part">0 to 1; null where nothing was ever stored.</param>
/// <param name="Length">Of the stretch: 24 hours, or what has passed since the stream's first chunk.</param>
public sealed record Covered(double? Part, TimeSpan Length);

/// <summary>Says how much of the last 24 hours of a stream is recorded: asks the archive.</summary>
public delegate Task<Covered> CoverageReader(string stream, CancellationToken stop);

/// <summary>How much of the last 24 hours is recorded, of the streams that somebody looks at. One is reckoned at a time, since the first
/// time lists a day of the bucket. What is older than five minutes is reckoned again when it is looked at again. The coverage of a new
/// stream is reckoned more often.</summary>
public sealed class Coverage(CoverageReader read, KnownStreams streams, TimeProvider clock, ILogger<Coverage> log) : BackgroundService
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FreshWhenNew = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (Covered? Covered, DateTimeOffset At)> _known = new(StringComparer.Ordinal);

    // What does not fit is asked for again by the next drawing.
    private readonly Channel<string> _wanted =
        Channel.CreateBounded<string>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);

    /// <summary>As last reckoned; null while it is not known. Has it reckoned where it is missing or old.</summary>
    public Covered? Of(string stream)
    {
        var found = _known.TryGetValue(stream, out var known);
        if ((!found || IsOld(known)) && _waiting.TryAdd(stream, true) && !_wanted.Writer.TryWrite(stream))
            _waiting.TryRemove(stream, out _);
        return known.Covered;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var stream in _wanted.Reader.ReadAllAsync(stoppingToken))
        {
            var now = clock.GetUtcNow();
            try
            {
                _known[stream] = (await read(stream, stoppingToken), now);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // A tile without this number is better than none; the next look asks again.
                Log.CoverageFailed(log, stream, failed.Message);
                _known[stream] = (_known.GetValueOrDefault(stream).Covered, now);
            }
            _waiting.TryRemove(stream, out _);
            streams.Touch();
        }
    }

    private bool IsOld((Covered? Covered, DateTimeOffset At) known) =>
        clock.GetUtcNow() - known.At > (known.Covered is { } covered && covered.Length < 10 * Fresh ? FreshWhenNew : Fresh);
}
