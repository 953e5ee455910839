using System.Diagnostics;
using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

[assembly: AssemblyFixture(typeof(RabbitMqServer))]

namespace Aspire.Clients.Tests;

public sealed class RabbitMQClientTests(RabbitMqServer broker)
{
    [Fact]
    public async Task Connects_to_the_named_connection_string_and_reports_health()
    {
        var builder = Builder($"{broker.ConnectionString}");
        builder.AddRabbitMQClient("rabbitmq");
        using var host = builder.Build();

        var connection = host.Services.GetRequiredService<IConnection>();

        Assert.True(connection.IsOpen);
        Assert.Same(connection, host.Services.GetRequiredService<IConnection>());
        Assert.Equal(broker.Port, connection.Endpoint.Port);
        Assert.Equal(HealthStatus.Healthy, (await ReportAsync(host)).Entries["RabbitMQ.Client"].Status);
    }

    [Fact]
    public async Task A_broker_that_is_away_turns_the_health_check_red_and_fails_the_connection()
    {
        var builder = Builder($"amqp://127.0.0.1:{FreePort.Next()}");
        builder.AddRabbitMQClient("rabbitmq", settings => settings.MaxConnectRetryCount = 0);
        using var host = builder.Build();

        Assert.Throws<BrokerUnreachableException>(host.Services.GetRequiredService<IConnection>);
        var entry = (await ReportAsync(host)).Entries["RabbitMQ.Client"];
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.NotNull(entry.Exception);
    }

    [Fact]
    public async Task The_first_connect_is_retried_and_each_attempt_is_traced()
    {
        var attempts = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Aspire.RabbitMQ.Client",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => attempts += activity.OperationName == "rabbitmq connect attempt" ? 1 : 0,
        };
        ActivitySource.AddActivityListener(listener);
        var builder = Builder($"amqp://127.0.0.1:{FreePort.Next()}");
        builder.Configuration["Aspire:RabbitMQ:Client:MaxConnectRetryCount"] = "1";
        builder.AddRabbitMQClient("rabbitmq");
        using var host = builder.Build();

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => Task.Run(host.Services.GetRequiredService<IConnection>));

        Assert.Equal(2, attempts);
    }

    [Fact]
    public void The_connection_factory_is_bound_and_configured_last()
    {
        var builder = Builder("amqp://one:two@example.org:1234/v");
        builder.Configuration["Aspire:RabbitMQ:Client:ConnectionFactory:ClientProvidedName"] = "bound";
        builder.Configuration["Aspire:RabbitMQ:Client:rabbitmq:ConnectionFactory:RequestedChannelMax"] = "7";
        builder.Configuration["Aspire:RabbitMQ:Client:DisableHealthChecks"] = "true";
        builder.AddRabbitMQClient("rabbitmq", configureConnectionFactory: factory => factory.RequestedHeartbeat = TimeSpan.FromSeconds(9));
        using var host = builder.Build();

        var factory = Assert.IsType<ConnectionFactory>(host.Services.GetRequiredService<IConnectionFactory>());

        Assert.Equal(("example.org", 1234, "v", "one"), (factory.HostName, factory.Port, factory.VirtualHost, factory.UserName));
        Assert.Equal(("bound", (ushort)7, 9d), (factory.ClientProvidedName, factory.RequestedChannelMax, factory.RequestedHeartbeat.TotalSeconds));
        Assert.Null(host.Services.GetService<HealthCheckService>());
    }

    private static HostApplicationBuilder Builder(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["ConnectionStrings:rabbitmq"] = connectionString;
        builder.Services.AddLogging();
        return builder;
    }

    private static Task<HealthReport> ReportAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
}
