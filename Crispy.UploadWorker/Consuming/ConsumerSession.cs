using Crispy.Coordination;
using Crispy.UploadWorker.Uploading;
using OpenTelemetry;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Crispy.UploadWorker.Consuming;

/// <summary>
/// Consuming the upload queue over one connection, until it is lost or the process stops. N messages are handled at once (dispatch
/// concurrency; its default of 1 would upload one after the other), and a few more are held (prefetch). An acknowledgement is a disk write
/// at the broker, and no upload waits for it before the next message comes.
/// </summary>
internal sealed class ConsumerSession(IConnection connection, IChannel channel, string queue, DeliveryHandler handler, BucketProbe probe,
    WorkerCondition condition, UploadOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly CancellationTokenSource _giveUp = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;
    private int _inFlight;

    /// <summary>Connects, declares the topology and opens the consuming channel.</summary>
    public static async Task<ConsumerSession> OpenAsync(IConnectionFactory factory, string spool,
        DeliveryHandler handler, BucketProbe probe,
        WorkerCondition condition, UploadOptions options, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        var connection = await factory.CreateConnectionAsync("upload-worker consumer", cancellation);
        try
        {
            var channel = await connection.CreateChannelAsync(
                new(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false,
                    consumerDispatchConcurrency: (ushort)options.Concurrency), cancellation);
            await QueueTopology.DeclareAsync(channel, spool, cancellation);
            var prefetch = options.Concurrency + Math.Max(1, options.Concurrency / 4);
            await channel.BasicQosAsync(prefetchSize: 0, (ushort)prefetch, global: false, cancellation);
            return new(connection, channel, QueueTopology.UploadQueue(spool), handler, probe, condition, options, time, log);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Consumes; while the bucket refuses uploads, tries one now and then instead.</summary>
    /// <returns>Why the connection was lost; null when asked to stop, with nothing in flight any more.</returns>
    public async Task<string?> RunAsync(CancellationToken stopping)
    {
        channel.ChannelShutdownAsync += OnShutdownAsync;
        if (!channel.IsOpen) _lost.TrySetResult("the channel closed while it was opened");
        try
        {
            while (!stopping.IsCancellationRequested && !_lost.Task.IsCompleted)
            {
                if (condition.Refusal is not null) await ProbeAsync(stopping);
                else await ConsumeAsync(stopping);
            }
        }
        finally
        {
            if (_lost.Task.IsCompleted) await _giveUp.CancelAsync();
        }
        return _lost.Task.IsCompleted ? await _lost.Task : null;
    }

    private async Task ConsumeAsync(CancellationToken stopping)
    {
        _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _draining = false;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += OnReceivedAsync;
        consumer.UnregisteredAsync += OnUnregisteredAsync;
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, CancellationToken.None);
        log.Consuming(queue, options.Concurrency);

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stopping.Register(() => stop.TrySetResult()))
            await Task.WhenAny(stop.Task, _refused.Task, _lost.Task);

        _draining = true;
        consumer.UnregisteredAsync -= OnUnregisteredAsync;
        if (_lost.Task.IsCompleted) return;
        if (stopping.IsCancellationRequested) log.Draining(Volatile.Read(ref _inFlight));
        await channel.BasicCancelAsync(tag, noWait: false, CancellationToken.None);
        await DrainAsync(stopping);
    }

    /// <summary>Tries one message or, where the queue is empty, asks the bucket without one.</summary>
    private async Task ProbeAsync(CancellationToken stopping)
    {
        try
        {
            var wait = Task.Delay(options.ProbeInterval, time, stopping);
            if (await Task.WhenAny(wait, _lost.Task) != wait) return;
            await wait;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        BasicGetResult? message;
        // An empty queue would begin a trace with each probe.
        using (SuppressInstrumentationScope.Begin()) message = await channel.BasicGetAsync(queue, autoAck: false, CancellationToken.None);
        await using (stopping.Register(() => _giveUp.CancelAfter(options.DrainTimeout)))
        {
            if (message is null) await probe.AskAsync(stopping);
            else await handler.HandleAsync(channel, message.DeliveryTag, message.BasicProperties, message.Body, _giveUp.Token);
        }
    }

    private async Task OnReceivedAsync(object sender, BasicDeliverEventArgs delivery)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (_draining) await ReturnAsync(delivery.DeliveryTag);
            else await handler.HandleAsync(channel, delivery.DeliveryTag, delivery.BasicProperties, delivery.Body, _giveUp.Token);
            if (condition.Refusal is not null) _refused.TrySetResult();
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <summary>Gives back a message that was held but not begun.</summary>
    private async Task ReturnAsync(ulong tag)
    {
        try
        {
            await channel.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None);
        }
        catch (Exception gone)
            when (gone is AlreadyClosedException or OperationInterruptedException or ObjectDisposedException or IOException)
        {
            // Without its channel the message returns by itself.
        }
    }

    /// <summary>Waits for the uploads in flight. After a request to stop, what outlasts the limit is cancelled,
    /// and returns to the queue as the channel closes.</summary>
    private async Task DrainAsync(CancellationToken stopping)
    {
        long? since = null;
        while (Volatile.Read(ref _inFlight) is > 0 and var left)
        {
            if (stopping.IsCancellationRequested) since ??= time.GetTimestamp();
            if (since is { } start && !_giveUp.IsCancellationRequested && time.GetElapsedTime(start) >= options.DrainTimeout)
            {
                log.DrainTimedOut(left, options.DrainTimeout);
                await _giveUp.CancelAsync();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
        }
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs shutdown)
    {
        _lost.TrySetResult(shutdown.ReplyText);
        _giveUp.Cancel(); // the broker delivers these messages again: to go on with them would only do the work twice
        return Task.CompletedTask;
    }

    private Task OnUnregisteredAsync(object sender, ConsumerEventArgs consumer)
    {
        _lost.TrySetResult("the broker cancelled the consumer");
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        channel.ChannelShutdownAsync -= OnShutdownAsync;
        await _giveUp.CancelAsync();
        await channel.DisposeAsync();
        await connection.DisposeAsync();
        _giveUp.Dispose();
    }
}
