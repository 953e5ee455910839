using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>Brings state moves to Redis in the background and in order, so that Redis is never in the way of the data. Reporting costs a
/// queue entry. While Redis is down, moves wait here and are caught up with later. The queue is bounded; what does not fit is dropped,
/// counted and logged, since the spool and the bucket, not Redis, are the truth.</summary>
public sealed partial class StateReporter : BackgroundService
{
    /// <summary>Largest number of moves that wait for Redis.</summary>
    public const int Capacity = 100_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly ActivitySource Source = new("Crispy.Coordination");
    private static readonly KeyValuePair<string, object?>[] ClientTags = [new("db.system.name", "redis"), new("peer.service", "redis")];

    private readonly Channel<(ChunkMove Move, ActivityContext Trace)> _moves;
    private readonly IConnectionMultiplexer _redis;
    private readonly TimeProvider _time;
    private readonly ILogger<StateReporter> _log;
    private long _dropped;
    private bool _away;

    /// <summary>A reporter to one Redis.</summary>
    public StateReporter(IConnectionMultiplexer redis, TimeProvider time, ILogger<StateReporter> log)
    {
        (_redis, _time, _log) = (redis, time, log);
        _moves = Channel.CreateBounded<(ChunkMove, ActivityContext)>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => OnDropped());
    }

    /// <summary>Moves that wait for Redis now.</summary>
    public int Waiting => _moves.Reader.Count;

    /// <summary>Moves that were dropped because too many waited.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes a move; returns at once, no matter how Redis is. The move becomes a span of the trace that is current
    /// now.</summary>
    public void Report(ChunkMove move) => _moves.Writer.TryWrite((move, Activity.Current?.Context ?? default));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _moves.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_moves.Reader.TryPeek(out var next))
            {
                if (await TryMoveAsync(next.Move, next.Trace).ConfigureAwait(false)) _moves.Reader.TryRead(out _);
                else if (stoppingToken.IsCancellationRequested) return;
                else await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _moves.Writer.TryComplete(); // what waits is still brought to Redis, if Redis answers
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    // Only what succeeded becomes a span: while Redis is away, every second would add one.
    private async Task<bool> TryMoveAsync(ChunkMove move, ActivityContext trace)
    {
        try
        {
            var begun = _time.GetUtcNow();
            await ChunkStates.MoveAsync(_redis.GetDatabase(), move).ConfigureAwait(false);
            if (_away) LogBack(_log, Waiting);
            _away = false;
            if (trace != default)
                Source.StartActivity($"chunk state {ChunkStates.Name(move.To)}", ActivityKind.Client, trace, ClientTags, startTime: begun)
                    ?.Dispose();
            return true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (!_away) LogAway(_log, Cause(failure));
            _away = true;
            return false;
        }
    }

    // What the client says first is a page long; its cause says it in words, before the figures.
    private static string Cause(Exception failure)
    {
        while (failure.InnerException is { } cause) failure = cause;
        return failure.Message.Split([", ", " - "], 2, StringSplitOptions.None)[0];
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(Pause, _time, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller tries once more and then stops.
        }
    }

    private void OnDropped()
    {
        if (Interlocked.Increment(ref _dropped) == 1) LogDropped(_log, Capacity);
    }

    [LoggerMessage(EventId = 6001, EventName = "RedisAway", Level = LogLevel.Warning,
        Message = "Redis cannot be used, states of chunks catch up later: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 6002, EventName = "RedisBack", Level = LogLevel.Information,
        Message = "Redis can be used again; {Waiting} states of chunks catch up")]
    private static partial void LogBack(ILogger logger, int waiting);

    [LoggerMessage(EventId = 6000, EventName = "StateMovesDropped", Level = LogLevel.Warning,
        Message = "More than {Capacity} state moves wait for Redis: the oldest are dropped, and states there will be incomplete")]
    private static partial void LogDropped(ILogger logger, int capacity);
}
