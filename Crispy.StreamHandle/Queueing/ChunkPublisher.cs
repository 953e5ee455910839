using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Spooling;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Crispy.StreamHandle.Queueing;

/// <summary>
/// Tells workers about ready chunks. The spool is the truth and a message a hint. What is not confirmed is published again by the sweep,
/// which looks for ready manifests that no message of this process is known for. One loop retries; the code inside it just fails.
/// </summary>
public sealed class ChunkPublisher : BackgroundService, IChunkPublisher
{
    /// <summary>Messages that wait for their confirm at most.</summary>
    private const int MaxOutstanding = 256;

    /// <summary>How many sweeps a message may be with a worker, in no queue, before it is taken for gone. An upload over a slow link takes
    /// its time.</summary>
    private const int SweepsToWait = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Full means that the broker is slow or away: what does not fit is found by the sweep.
    private readonly Channel<Publication> _offers;
    private readonly ConcurrentDictionary<string, long> _inFlight = new(StringComparer.Ordinal);
    private readonly IConnectionFactory _broker;
    private readonly StateReporter _states;
    private readonly SpoolLayout _spool;
    private readonly SpoolOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ChunkPublisher> _log;
    private int _unsettled;
    private volatile string? _trouble = "not connected yet";

    /// <summary>A publisher for one spool. It connects by itself: the registered connection is made once, blocks while it is, and is not
    /// made again.</summary>
    public ChunkPublisher(
        IConnectionFactory broker, StateReporter states, SpoolLayout spool, SpoolOptions options, TimeProvider clock,
        ILogger<ChunkPublisher> log)
    {
        (_broker, _states, _spool, _options, _clock, _log) = (broker, states, spool, options, clock, log);
        _offers = Channel.CreateBounded<Publication>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropWrite },
            _ => Settled());
    }

    /// <inheritdoc />
    public string? Trouble => _trouble;

    /// <inheritdoc />
    public bool IsIdle => Volatile.Read(ref _unsettled) == 0;

    /// <inheritdoc />
    public void Offer(SpooledChunk chunk) => Offer(Publication.Of(chunk));

    /// <inheritdoc />
    public void Offer(SpooledLoss loss) => Offer(Publication.Of(loss));

    /// <inheritdoc />
    public void PublishAnew(string manifestPath)
    {
        _inFlight.TryRemove(manifestPath, out _);
        if (ReadBack(manifestPath) is { } chunk) Offer(chunk);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _broker.CreateConnectionAsync("stream-handle", stoppingToken);
                await PublishAsync(connection, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (IsBrokers(failure))
            {
                var trouble = BrokerFailure.Describe(failure);
                if (_trouble != trouble) Log.BrokerUnavailable(_log, trouble);
                _trouble = trouble;
            }
            await Task.Delay(Pause, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Counted from here until it is confirmed, failed or dropped: at no moment between is the publisher idle.
    private void Offer(Publication chunk)
    {
        Interlocked.Increment(ref _unsettled);
        _offers.Writer.TryWrite(chunk);
    }

    private void Settled() => Interlocked.Decrement(ref _unsettled);

    /// <summary>Whether a failure is the broker's or the network's, so that another try may help.</summary>
    private static bool IsBrokers(Exception failure) =>
        failure is RabbitMQClientException or IOException or TimeoutException or System.Net.Sockets.SocketException
        or OperationCanceledException or ObjectDisposedException
            or AggregateException { InnerException: RabbitMQClientException or IOException or System.Net.Sockets.SocketException };

    // Runs until the channel closes. A new connection may be one to a wiped broker: nothing is known to be in flight then.
    private async Task PublishAsync(IConnection connection, CancellationToken stopping)
    {
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: new ThrottlingRateLimiter(MaxOutstanding)), stopping);
        channel.ChannelShutdownAsync += (_, _) => closed.CancelAsync();
        await QueueTopology.DeclareAsync(channel, _options.Name, stopping);
        _inFlight.Clear();
        _trouble = null;
        Log.BrokerReady(_log, _options.Name);
        using var outstanding = new SemaphoreSlim(MaxOutstanding);
        try
        {
            while (true)
            {
                await SweepAsync(channel, outstanding, closed.Token);
                await PublishOffersAsync(channel, outstanding, closed.Token);
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new AlreadyClosedException(channel.CloseReason
                ?? new ShutdownEventArgs(ShutdownInitiator.Library, 0, "the channel closed"));
        }
        finally
        {
            for (var held = 0; held < MaxOutstanding; held++) await outstanding.WaitAsync(CancellationToken.None);
        }
    }

    private async Task SweepAsync(IChannel channel, SemaphoreSlim outstanding, CancellationToken closed)
    {
        foreach (var gone in _inFlight.Keys.Where(path => !File.Exists(path))) _inFlight.TryRemove(gone, out _);
        await ForgetTakenAsync(channel, closed);
        foreach (var stream in _spool.Streams())
            foreach (var path in _spool.ReadyManifests(stream).Concat(_spool.ReadyLosses(stream))
                .Where(path => !_inFlight.ContainsKey(path)))
            {
                if (ReadBack(path) is not { } chunk) continue;
                Interlocked.Increment(ref _unsettled);
                await BeginAsync(channel, chunk, outstanding, closed);
            }
    }

    // A message that is in no queue although its chunk still waits was taken by somebody who does not store it. What a worker holds at this
    // moment is told once more, which does no harm.
    private async Task ForgetTakenAsync(IChannel channel, CancellationToken closed)
    {
        var patience = _options.SweepInterval * SweepsToWait;
        var old = _inFlight.Where(each => _clock.GetElapsedTime(each.Value) >= patience).Select(each => each.Key).ToList();
        if (old.Count == 0) return;
        foreach (var queue in QueueTopology.RetryDelays.Select(delay => QueueTopology.RetryQueue(_options.Name, delay))
            .Prepend(QueueTopology.UploadQueue(_options.Name)))
            if (await channel.MessageCountAsync(queue, closed) > 0) return;
        foreach (var path in old) _inFlight.TryRemove(path, out _);
        Log.MessagesTaken(_log, old.Count);
    }

    private async Task PublishOffersAsync(IChannel channel, SemaphoreSlim outstanding, CancellationToken closed)
    {
        using var sweep = CancellationTokenSource.CreateLinkedTokenSource(closed);
        using var timer = _clock.CreateTimer(_ => sweep.Cancel(), null, _options.SweepInterval, Timeout.InfiniteTimeSpan);
        try
        {
            while (true) await BeginAsync(channel, await _offers.Reader.ReadAsync(sweep.Token), outstanding, closed);
        }
        catch (OperationCanceledException) when (!closed.IsCancellationRequested)
        {
            // Time for the next sweep.
        }
    }

    private Publication? ReadBack(string path)
    {
        try
        {
            return Publication.Read(path);
        }
        catch (Exception unreadable) when (unreadable is FormatException or IOException)
        {
            Log.ManifestUnreadable(_log, path, unreadable.Message);
            return null;
        }
    }

    // Messages leave in order; their confirms are awaited side by side. The caller has counted the chunk.
    private async Task BeginAsync(IChannel channel, Publication chunk, SemaphoreSlim outstanding, CancellationToken closed)
    {
        if (!_inFlight.TryAdd(chunk.Path, _clock.GetTimestamp()))
        {
            Settled();
            return;
        }
        try
        {
            await outstanding.WaitAsync(closed);
        }
        catch (OperationCanceledException)
        {
            _inFlight.TryRemove(chunk.Path, out _);
            Settled();
            throw;
        }
        _ = ConfirmAsync(channel, chunk, outstanding, closed);
    }

    private async Task ConfirmAsync(IChannel channel, Publication chunk, SemaphoreSlim outstanding, CancellationToken closed)
    {
        ActivityContext.TryParse(chunk.Traceparent, null, isRemote: false, out var capture);
        using var activity = Telemetry.Source.StartActivity("chunk publish", ActivityKind.Producer, capture);
        try
        {
            if (chunk.Chunk is { } id) _states.Report(new(id, ChunkState.Queued, _clock.GetUtcNow(), chunk.Object));
            Failpoint.Pass("queued-reported");
            var properties = chunk.Properties(activity?.Id ?? chunk.Traceparent);
            await channel.BasicPublishAsync(QueueTopology.ChunksExchange, QueueTopology.RoutingKey(_options.Name, chunk.Stream),
                mandatory: true, properties, chunk.Body, closed);
            Failpoint.Pass("message-confirmed");
            Telemetry.Published(chunk.Stream);
        }
        catch (Exception failure) when (IsBrokers(failure))
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            Telemetry.PublishFailed(chunk.Stream);
            Log.PublishFailed(_log, chunk.MessageId, failure.Message);
            _inFlight.TryRemove(chunk.Path, out _);
            // Returned: the queue was deleted under us. A new channel declares everything again.
            if (failure is PublishReturnException) _ = channel.CloseAsync(closed);
        }
        finally
        {
            Settled();
            outstanding.Release();
        }
    }
}
