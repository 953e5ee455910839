using System.Net;
using System.Net.Sockets;
using Crispy.Testing;
using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Tests;

/// <summary>RabbitMQ and Redis in the states in which they let nobody in, seen by a worker at its start.</summary>
public sealed class ServerStateTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task A_password_that_RabbitMQ_refuses_is_told_with_its_reason()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var address = broker.ConnectionString.Replace("guest:guest", "guest:wrong", StringComparison.Ordinal);
        var worker = await rig.StartWorkerAsync($"--ConnectionStrings:rabbitmq={address}");

        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker)).Contains("ACCESS_REFUSED", StringComparison.Ordinal));

        Assert.Equal(503, await Rig.HealthAsync(worker));
        Assert.DoesNotContain("wrong", await Rig.HealthTextAsync(worker), StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    public async Task A_password_that_Redis_refuses_is_told_and_chunks_are_stored(string password)
    {
        await using var locked = new RedisServer { Password = "right" };
        await locked.StartAsync();
        await using var rig = await Rig.StartAsync(broker, redis);
        var worker = await rig.StartWorkerAsync($"--ConnectionStrings:redis=127.0.0.1:{locked.Port}{password}");
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);

        await rig.StoredAsync(chunk);

        Assert.Equal(200, await Rig.HealthAsync(worker));
        Assert.Contains("Redis is unreachable", await Rig.HealthTextAsync(worker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_RabbitMQ_that_takes_connections_and_never_answers_keeps_no_worker_from_ending()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var rig = await Rig.StartAsync(broker, redis);
        var worker = await rig.StartWorkerAsync($"--ConnectionStrings:rabbitmq=amqp://{silent.LocalEndpoint}");
        using var connection = await silent.AcceptSocketAsync();

        Assert.Equal(503, await Rig.HealthAsync(worker));
        await worker.StopAsync().WaitAsync(TimeSpan.FromMinutes(3));
    }

    [Theory]
    [InlineData("rabbitmq", "", "ConnectionStrings:rabbitmq is missing")]
    [InlineData("rabbitmq", "http://user:secret@host", "ConnectionStrings:rabbitmq cannot be used")]
    [InlineData("redis", "", "ConnectionStrings:redis is missing")]
    [InlineData("redis", "host:6379,secret=secret", "ConnectionStrings:redis cannot be used")]
    public async Task A_connection_string_that_cannot_be_used_is_named_without_its_value(string name, string value, string expected)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var mistake = Assert.Throws<OptionsValidationException>(() => rig.Worker($"--ConnectionStrings:{name}={value}"));
        Assert.StartsWith(expected, Assert.Single(mistake.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", mistake.Message, StringComparison.Ordinal);
    }
}
