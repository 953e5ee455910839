using Crispy.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.Clients.Tests;

public sealed class RedisClientTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task Connects_to_the_named_connection_string_and_reports_health()
    {
        var builder = Builder(redis.ConnectionString);
        builder.AddRedisClient("redis");
        using var host = builder.Build();

        var multiplexer = host.Services.GetRequiredService<IConnectionMultiplexer>();
        await multiplexer.GetDatabase().StringSetAsync("key", "value");

        Assert.Equal("value", await multiplexer.GetDatabase().StringGetAsync("key"));
        Assert.Same(multiplexer, host.Services.GetRequiredService<IConnectionMultiplexer>());
        Assert.Equal(HealthStatus.Healthy, (await ReportAsync(host)).Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    public async Task A_server_that_is_away_does_not_fail_the_connect_and_is_found_when_it_comes()
    {
        await using var late = new RedisServer();
        await late.StartAsync();
        await late.StopAsync();
        var builder = Builder($"{late.ConnectionString},connectTimeout=200,connectRetry=1");
        builder.AddRedisClient("redis", settings => settings.DisableAutoActivation = true);
        using var host = builder.Build();

        var multiplexer = host.Services.GetRequiredService<IConnectionMultiplexer>();
        Assert.False(multiplexer.IsConnected);
        Assert.Equal(HealthStatus.Unhealthy, (await ReportAsync(host)).Entries["StackExchange.Redis"].Status);
        await late.StartAsync();

        await Until.TrueAsync(() => multiplexer.IsConnected);
    }

    [Fact]
    public void A_missing_connection_string_is_named()
    {
        var builder = Builder(null);
        builder.AddRedisClient("redis");
        using var host = builder.Build();

        var failure = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("ConnectionStrings:redis", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_string_decides_whether_a_failed_connect_aborts()
    {
        var builder = Builder($"127.0.0.1:{FreePort.Next()},abortConnect=true,connectTimeout=200,connectRetry=1");
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();

        Assert.Throws<RedisConnectionException>(host.Services.GetRequiredService<IConnectionMultiplexer>);
    }

    private static HostApplicationBuilder Builder(string? connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["ConnectionStrings:redis"] = connectionString;
        builder.Services.AddLogging();
        return builder;
    }

    private static Task<HealthReport> ReportAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
}
