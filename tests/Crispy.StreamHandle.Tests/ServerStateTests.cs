using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>RabbitMQ and Redis in the states in which they let nobody in, seen by the process at its start.</summary>
public sealed class ServerStateTests(Servers servers)
{
    private static readonly Dictionary<string, string> Demo = new()
    {
        ["Id"] = "gate", ["Url"] = "demo:?size=160x120&fps=10", ["Mode"] = "transcode", ["Window"] = "0.5",
    };

    [Fact]
    public async Task A_password_that_RabbitMQ_refuses_is_told_with_its_reason_and_recording_goes_on()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo)
            .With("ConnectionStrings__rabbitmq",
                servers.Rabbit.ConnectionString.Replace("guest:guest", "guest:wrong", StringComparison.Ordinal))
            .StartAsync();

        await handle.UntilAsync("gate", stream => stream.Spooled >= 2, "chunks without a broker");
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Broker?.Contains("ACCESS_REFUSED", StringComparison.Ordinal) == true);

        var (status, checks) = await HealthAsync(handle);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("RabbitMQ cannot be used, chunks wait in the spool: ", checks["rabbitmq"], StringComparison.Ordinal);
        Assert.Contains("ACCESS_REFUSED", checks["rabbitmq"], StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", handle.Log, StringComparison.Ordinal);
        // Told once, not once for each try.
        Assert.Single(handle.Log.Split('\n'), line => line.Contains("RabbitMQ cannot be used", StringComparison.Ordinal));
        await handle.StopAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    public async Task A_password_that_Redis_refuses_is_told_and_holds_up_nothing(string password)
    {
        await using var redis = new RedisServer { Password = "right" };
        await redis.StartAsync();
        await using var handle = await new RunningStreamHandle(servers, Demo)
            .With("ConnectionStrings__redis", $"127.0.0.1:{redis.Port}{password}").StartAsync();

        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "chunks without Redis");
        await Until.TrueAsync(async () => (await handle.StatusAsync()).Broker is null);

        var (status, checks) = await HealthAsync(handle);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("Redis is away", checks["redis"], StringComparison.Ordinal);
        await Until.TrueAsync(() => handle.Log.Contains("Redis cannot be used", StringComparison.Ordinal));
        await handle.StopAsync();
        // Told once, in one line, and not by a stack for each try.
        Assert.Single(handle.Log.Split('\n'), line => line.Contains("Redis cannot be used", StringComparison.Ordinal));
        Assert.DoesNotContain("fail:", handle.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_that_takes_connections_and_never_answers_holds_up_no_start()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var handle = await new RunningStreamHandle(servers, Demo)
            .With("ConnectionStrings__redis", $"{silent.LocalEndpoint}").StartAsync();

        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "chunks without Redis");
        await handle.StopAsync();
    }

    [Fact]
    public async Task A_RabbitMQ_that_takes_connections_and_never_answers_holds_up_neither_recording_nor_stopping()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var handle = await new RunningStreamHandle(servers, Demo)
            .With("ConnectionStrings__rabbitmq", $"amqp://{silent.LocalEndpoint}").StartAsync();

        await handle.UntilAsync("gate", stream => stream.Spooled >= 2, "chunks without a broker");
        await handle.StopAsync().WaitAsync(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task What_answers_is_said_in_words()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 1, "a chunk");
        await Until.TrueAsync(async () => (await HealthAsync(handle)).Status == HttpStatusCode.OK);

        var (_, checks) = await HealthAsync(handle);

        Assert.Equal(("1 running", "RabbitMQ answers", "Redis answers"), (checks["streams"], checks["rabbitmq"], checks["redis"]));
    }

    [Theory]
    [InlineData("rabbitmq", "", "ConnectionStrings:rabbitmq is missing")]
    [InlineData("rabbitmq", "http://user:secret@host", "ConnectionStrings:rabbitmq cannot be used")]
    [InlineData("rabbitmq", "host:secret", "ConnectionStrings:rabbitmq cannot be used")]
    [InlineData("redis", "", "ConnectionStrings:redis is missing")]
    [InlineData("redis", "host:6379,secret=secret", "ConnectionStrings:redis cannot be used")]
    [InlineData("redis", "ssl=true", "ConnectionStrings:redis names no server")]
    public async Task A_connection_string_that_cannot_be_used_is_named_in_one_line_without_its_value(string name,
        string value, string expected)
    {
        await using var handle = await new RunningStreamHandle(servers, Demo).With($"ConnectionStrings__{name}", value).StartAsync();
        Assert.False(handle.IsRunning);
        var line = Assert.Single(handle.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"The configuration cannot be used: {expected}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", handle.Log, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, Dictionary<string, string> Checks)> HealthAsync(RunningStreamHandle handle)
    {
        using var answer = await handle.HealthAsync();
        var report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("checks");
        return (answer.StatusCode, report.EnumerateObject()
            .ToDictionary(check => check.Name, check => check.Value.GetProperty("description").GetString() ?? ""));
    }
}
