using System.Text;
using Crispy.Coordination;
using Crispy.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Crispy.Deployment.Tests;

/// <summary>A real broker with the accounts, queues and limits of deploy/rabbitmq. What each service does works, and what else its account
/// could be used for is refused.</summary>
public sealed class BrokerAccountTests : IAsyncLifetime
{
    private const string Spool = "shared";

    private readonly RabbitMqServer _server = new() { Configuration = "max_message_size = 1048576" };
    private readonly List<IConnection> _connections = [];

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        await _server.ControlAsync("publishes\n", "add_user", "stream-handle");
        await _server.ControlAsync("consumes\n", "add_user", "upload-worker");
        await _server.ControlAsync(
            await Command.RunAsync(Repository.PathOf("deploy", "rabbitmq", "definitions.sh"), Spool, "stream-handle-0"),
            "import_definitions");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Each_account_does_what_its_service_does_and_nothing_else()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var handle = await ConnectAsync("stream-handle", "publishes");
        var worker = await ConnectAsync("upload-worker", "consumes");
        foreach (var connection in (IConnection[])[handle, worker])
        {
            await using var channel = await ChannelAsync(connection);
            foreach (var spool in (string[])[Spool, "stream-handle-0"]) await QueueTopology.DeclareAsync(channel, spool, cancellation);
        }
        var upload = QueueTopology.UploadQueue(Spool);
        await using (var publisher = await ChannelAsync(handle))
            await PublishAsync(publisher, QueueTopology.ChunksExchange, QueueTopology.RoutingKey(Spool, "gate"));
        await using (var consumer = await ChannelAsync(worker))
        {
            var taken = await consumer.BasicGetAsync(upload, autoAck: false, cancellation);
            Assert.NotNull(taken);
            await PublishAsync(consumer, "", QueueTopology.RetryQueue(Spool, QueueTopology.RetryDelays[0]));
            await PublishAsync(consumer, QueueTopology.Dead, "");
            await consumer.BasicAckAsync(taken.DeliveryTag, multiple: false, cancellation);
            await consumer.BasicConsumeAsync(upload, autoAck: false, new AsyncEventingBasicConsumer(consumer), cancellation);
        }

        await RefusedAsync(handle, channel => channel.BasicGetAsync(upload, autoAck: true));
        await RefusedAsync(handle, channel => channel.BasicConsumeAsync(upload, autoAck: true, new AsyncEventingBasicConsumer(channel)));
        await RefusedAsync(handle, channel => channel.QueuePurgeAsync(upload));
        await RefusedAsync(handle, channel => PublishAsync(channel, "", upload));
        await RefusedAsync(handle, channel => PublishAsync(channel, QueueTopology.ChunksExchange, "shared.gate.more"));
        await RefusedAsync(handle, channel => PublishAsync(channel, "amq.topic", "shared.gate"));
        await RefusedAsync(worker, channel => PublishAsync(channel, QueueTopology.ChunksExchange, QueueTopology.RoutingKey(Spool, "gate")));
        foreach (var account in (IConnection[])[handle, worker])
        {
            await RefusedAsync(account, channel => channel.QueueDeclareAsync("mine", durable: false, exclusive: false, autoDelete: true));
            await RefusedAsync(account, channel => channel.ExchangeDeclareAsync("mine", ExchangeType.Fanout));
            await RefusedAsync(account, channel => channel.QueueBindAsync(upload, "amq.topic", "#"));
            await RefusedAsync(account, channel => channel.QueueBindAsync(upload, QueueTopology.ChunksExchange, "#"));
        }
    }

    [Fact]
    public async Task A_message_larger_than_any_of_ours_is_refused_and_one_of_ours_is_not()
    {
        var handle = await ConnectAsync("stream-handle", "publishes");
        foreach (var bytes in (int[])[100 << 20, (1 << 20) + 1])
        {
            await using var channel = await ChannelAsync(handle);
            await Assert.ThrowsAnyAsync<Exception>(() =>
                PublishAsync(channel, QueueTopology.ChunksExchange, "shared.gate", new byte[bytes]));
            await Until.TrueAsync(() => Task.FromResult(!channel.IsOpen));
            Assert.Equal(406, channel.CloseReason!.ReplyCode);
        }
        await using var other = await ChannelAsync(handle);
        await PublishAsync(other, QueueTopology.ChunksExchange, "shared.gate", new byte[64 * 1024]);
    }

    [Fact]
    public void Every_broker_of_ours_has_the_limit()
    {
        const string limit = "1048576";
        Assert.Contains($"max_message_size = {limit}", KubernetesFiles.Named<RabbitmqCluster>("rabbitmq").Spec.Rabbitmq.AdditionalConfig,
            StringComparison.Ordinal);
        foreach (var file in (string[])["compose.yaml", "try.yaml"])
            Assert.Contains($"-rabbit max_message_size {limit}\n", Repository.Read("deploy", "compose", file), StringComparison.Ordinal);
        var local = Repository.Read("Crispy.AppHost", "RabbitMQServerResource.cs");
        Assert.Contains("MaxMessageSize = 1 << 20;", local, StringComparison.Ordinal);
        Assert.Contains("max_message_size = {Text(MaxMessageSize)}", local, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Shared")]
    [InlineData("a\",\"x")]
    [InlineData("")]
    public async Task What_is_no_spools_name_gives_no_definitions(string spool) =>
        await Assert.ThrowsAnyAsync<Exception>(() => Command.RunAsync(Repository.PathOf("deploy", "rabbitmq", "definitions.sh"), spool));

    private async Task<IConnection> ConnectAsync(string user, string password)
    {
        var connection =
            await new ConnectionFactory { Uri = new($"amqp://{user}:{password}@127.0.0.1:{_server.Port}") }.CreateConnectionAsync();
        _connections.Add(connection);
        return connection;
    }

    private static Task<IChannel> ChannelAsync(IConnection connection) =>
        connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    private static async Task PublishAsync(IChannel channel, string exchange, string key, byte[]? body = null) =>
        await channel.BasicPublishAsync(exchange, key, mandatory: true, new BasicProperties { Persistent = true },
            body ?? Encoding.UTF8.GetBytes("a chunk"));

    private static async Task RefusedAsync(IConnection account, Func<IChannel, Task> action)
    {
        await using var channel = await ChannelAsync(account);
        await Assert.ThrowsAnyAsync<Exception>(() => action(channel));
        await Until.TrueAsync(() => Task.FromResult(!channel.IsOpen));
        Assert.Equal(403, channel.CloseReason!.ReplyCode);
    }
}
