using RabbitMQ.Client;

namespace Crispy.Coordination;

/// <summary>The exchanges and queues between stream-handle and upload-worker, declared by both (declaring twice is harmless), so that
/// either may start first. All queues are quorum queues; all dead-lettering inside the broker is at-least-once.</summary>
public static class QueueTopology
{
    /// <summary>Topic exchange to which chunks are published, with the routing key <c>&lt;spool&gt;.&lt;stream&gt;</c>.</summary>
    public const string ChunksExchange = "crispy.chunks";

    /// <summary>Exchange and queue of the chunks that no retry can store.</summary>
    public const string Dead = "crispy.dead";

    /// <summary>Waits between attempts that outlast the retries in place, shortest first;
    /// the last one repeats for as long as it takes.</summary>
    public static IReadOnlyList<TimeSpan> RetryDelays { get; } =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2)];

    /// <summary>The queue of one spool: only workers that see that volume consume it.</summary>
    public static string UploadQueue(string spool) => $"crispy.upload.{spool}";

    /// <summary>The queue in which a message waits before it returns to <see cref="UploadQueue"/>.</summary>
    public static string RetryQueue(string spool, TimeSpan delay) => $"crispy.retry.{spool}.{(long)delay.TotalSeconds}s";

    /// <summary>Routing key of a chunk.</summary>
    public static string RoutingKey(string spool, string stream) => $"{spool}.{stream}";

    /// <summary>Declares everything for one spool.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.OperationInterruptedException">The broker holds a queue
    /// of one of these names with other arguments.</exception>
    public static async Task DeclareAsync(IChannel channel, string spool, CancellationToken cancellation = default)
    {
        await channel.ExchangeDeclareAsync(ChunksExchange, ExchangeType.Topic, durable: true, autoDelete: false,
            cancellationToken: cancellation).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(Dead, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellation)
            .ConfigureAwait(false);
        await DeclareQueueAsync(channel, Dead, [], cancellation).ConfigureAwait(false);
        await channel.QueueBindAsync(Dead, Dead, "", cancellationToken: cancellation).ConfigureAwait(false);

        var upload = UploadQueue(spool);
        await DeclareQueueAsync(channel, upload, NeverGiveUp, cancellation).ConfigureAwait(false);
        await channel.QueueBindAsync(upload, ChunksExchange, $"{spool}.*", cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var delay in RetryDelays)
            await DeclareQueueAsync(channel, RetryQueue(spool, delay), ReturnAfter(delay, upload), cancellation).ConfigureAwait(false);
    }

    // Since RabbitMQ 4 a quorum queue drops a message after 20 deliveries unless told otherwise. A chunk is never dropped by the broker;
    // "no limit" (-1) is refused by RabbitMQ 3, so the limit is one that is never reached.
    private static KeyValuePair<string, object?>[] NeverGiveUp => [new("x-delivery-limit", 1_000_000_000)];

    private static KeyValuePair<string, object?>[] ReturnAfter(TimeSpan delay, string queue) =>
    [
        new("x-message-ttl", (long)delay.TotalMilliseconds),
        new("x-dead-letter-exchange", ""),
        new("x-dead-letter-routing-key", queue),
        new("x-dead-letter-strategy", "at-least-once"),
        new("x-overflow", "reject-publish"),
    ];

    private static Task<QueueDeclareOk> DeclareQueueAsync(IChannel channel, string queue, KeyValuePair<string, object?>[] arguments,
        CancellationToken cancellation) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
            arguments: new Dictionary<string, object?>(arguments, StringComparer.Ordinal) { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellation);
}
