using System.Globalization;
using Crispy.Coordination;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Crispy.UploadWorker.Consuming;

/// <summary>
/// Moves messages on, to a delay queue or to the dead ones; returns only when the broker has confirmed that it holds them. Its
/// connection is its own: a broker short of memory or disk stops connections that publish, and must not stop the acknowledgements.
/// </summary>
internal sealed class Rerouter(IConnectionFactory factory, IOptions<SpoolOptions> spool, TimeProvider time) : IAsyncDisposable
{
    private const int LongestError = 1000;
    private const int LargestDeadBody = 64 * 1024;
    private const int LongestHeader = 4096;

    private static readonly HashSet<string> Kept = [ChunkMessage.SignatureHeader, ChunkMessage.TraceparentHeader,
        ChunkMessage.RetriesHeader, ChunkMessage.ReasonHeader, ChunkMessage.ErrorHeader, ChunkMessage.CutHeader];

    // A dead letter tells those who listen that a chunk died; the chunk itself and the reason lie in the spool. So that letters that nobody
    // takes do not pile up, the broker drops them after as long as the state in Redis is kept.
    private static readonly string DeadLetterLife = ((long)ChunkStates.Kept.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Sends a message to the delay queue that fits how often it failed and how long the server asked to wait.</summary>
    /// <returns>The delay.</returns>
    public async Task<TimeSpan> DelayAsync(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, TimeSpan? notBefore,
        CancellationToken cancellation)
    {
        var retries = Math.Max(0, ChunkMessage.Number(properties, ChunkMessage.RetriesHeader));
        var delay = Delay(retries, notBefore);
        await PublishAsync("", QueueTopology.RetryQueue(spool.Value.Name, delay),
            With(properties, ChunkMessage.RetriesHeader, retries + 1), body, cancellation);
        return delay;
    }

    /// <summary>Sends a message to the dead ones. Of a body that is larger than any chunk's message the beginning is kept.</summary>
    public Task BuryAsync(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, string reason, string error,
        CancellationToken cancellation)
    {
        var letter = With(properties, ChunkMessage.ReasonHeader, reason);
        letter.Headers![ChunkMessage.ErrorHeader] = error.Length > LongestError ? error[..LongestError] : error;
        letter.Expiration = DeadLetterLife;
        if (body.Length > LargestDeadBody) letter.Headers[ChunkMessage.CutHeader] = body.Length;
        return PublishAsync(QueueTopology.Dead, "", letter, body[..Math.Min(body.Length, LargestDeadBody)], cancellation);
    }

    /// <summary>The delay after a number of earlier ones: the next longer one,
    /// and not less than asked for where one is that long.</summary>
    public static TimeSpan Delay(long retries, TimeSpan? notBefore)
    {
        var delays = QueueTopology.RetryDelays;
        var index = (int)Math.Min(retries, delays.Count - 1);
        while (index < delays.Count - 1 && delays[index] < notBefore) index++;
        return delays[index];
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _oneAtATime.Dispose();
    }

    /// <summary>What identifies and describes the message, as far as it is a chunk's. Left out is what would make the broker route copies
    /// of it (CC), drop it (expiration) or refuse it (user id). So is what somebody put there to fill the broker.</summary>
    private static BasicProperties With(IReadOnlyBasicProperties properties, string header, object value)
    {
        var kept = properties.Headers?.Where(entry => Kept.Contains(entry.Key)
            && entry.Value is not byte[] { Length: > LongestHeader } and (byte[] or string or long or int)) ?? [];
        return new()
        {
            MessageId = properties.MessageId,
            ContentType = properties.ContentType,
            Type = properties.Type,
            Persistent = true,
            Headers = new Dictionary<string, object?>(kept, StringComparer.Ordinal) { [header] = value },
        };
    }

    private async Task PublishAsync(string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            using var timeout = new CancellationTokenSource(ConfirmTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            var channel = await ChannelAsync(either.Token);
            await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, either.Token);
        }
        catch (Exception)
        {
            await DisconnectAsync(); // its state is not known: the next message gets a new one
            throw;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<IChannel> ChannelAsync(CancellationToken cancellation)
    {
        if (_channel is { IsOpen: true } open) return open;
        await DisconnectAsync();
        _connection = await factory.CreateConnectionAsync("upload-worker publisher", cancellation);
        return _channel = await _connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
    }

    private async Task DisconnectAsync()
    {
        var (connection, channel) = (_connection, _channel);
        (_connection, _channel) = (null, null);
        try
        {
            if (channel is not null) await channel.DisposeAsync();
            if (connection is not null) await connection.DisposeAsync();
        }
        catch (Exception broken)
            when (broken is AlreadyClosedException or OperationInterruptedException or IOException or TimeoutException
                or OperationCanceledException)
        {
            // It was to be closed, and it is.
        }
    }
}
