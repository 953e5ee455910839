using System.Text;
using Crispy.Testing;
using RabbitMQ.Client;

namespace Crispy.Coordination.Tests;

public sealed class QueueTopologyTests(RabbitMqServer server) : IAsyncLifetime
{
    private readonly string _spool = $"s{Guid.NewGuid():N}";
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = new(server.ConnectionString) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await QueueTopology.DeclareAsync(_channel, _spool);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Declaring_twice_is_harmless() => await QueueTopology.DeclareAsync(_channel, _spool);

    [Fact]
    public async Task A_published_chunk_reaches_the_queue_of_its_spool_and_no_other()
    {
        var other = $"{_spool}x";
        await QueueTopology.DeclareAsync(_channel, other);
        await PublishAsync(QueueTopology.ChunksExchange, QueueTopology.RoutingKey(_spool, "gate"));
        Assert.Equal("a chunk", await TakeAsync(QueueTopology.UploadQueue(_spool)));
        Assert.Equal(0u, await _channel.MessageCountAsync(QueueTopology.UploadQueue(other)));
    }

    [Fact]
    public async Task A_message_in_a_delay_queue_returns_by_itself()
    {
        await PublishAsync("", QueueTopology.RetryQueue(_spool, QueueTopology.RetryDelays[0]));
        Assert.Equal("a chunk", await TakeAsync(QueueTopology.UploadQueue(_spool)));
    }

    [Fact]
    public async Task A_redelivered_message_is_never_dropped_by_the_broker()
    {
        await PublishAsync(QueueTopology.ChunksExchange, QueueTopology.RoutingKey(_spool, "gate"));
        for (var time = 0; time < 30; time++)
        {
            BasicGetResult? taken = null;
            await Until.TrueAsync(async () =>
                (taken = await _channel.BasicGetAsync(QueueTopology.UploadQueue(_spool), autoAck: false)) is not null);
            await _channel.BasicNackAsync(taken!.DeliveryTag, multiple: false, requeue: true);
        }
        Assert.Equal("a chunk", await TakeAsync(QueueTopology.UploadQueue(_spool)));
    }

    private async Task PublishAsync(string exchange, string key) =>
        await _channel.BasicPublishAsync(exchange, key, mandatory: true, new BasicProperties { Persistent = true },
            Encoding.UTF8.GetBytes("a chunk"));

    private async Task<string> TakeAsync(string queue)
    {
        string? body = null;
        await Until.TrueAsync(async () =>
            (body = await _channel.BasicGetAsync(queue, autoAck: true) is { } taken
                ? Encoding.UTF8.GetString(taken.Body.Span)
                : null) is not null);
        return body!;
    }
}
