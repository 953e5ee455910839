using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Redis connection from configuration.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers a singleton <see cref="IConnectionMultiplexer"/> and a health check. A server that is away does not fail the
    /// connect (<c>abortConnect</c> is false unless the connection string says otherwise): the multiplexer goes on trying.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">Reads <c>ConnectionStrings:{connectionName}</c>, else the section's <c>ConnectionString</c>.</param>
    /// <param name="configureSettings">Runs after configuration has been read.</param>
    /// <param name="configureOptions">Runs last on the options, after their section <c>ConfigurationOptions</c>.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var sections = new[] { builder.Configuration.GetSection(Section), builder.Configuration.GetSection($"{Section}:{connectionName}") };
        var settings = new StackExchangeRedisSettings();
        foreach (var section in sections) section.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = Options(settings, sections, connectionName);
            configureOptions?.Invoke(options);
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return ConnectionMultiplexer.Connect(options);
        });
        if (!settings.DisableAutoActivation) builder.Services.AddHostedService<RedisActivation>();
        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().AddRedis(services => services.GetRequiredService<IConnectionMultiplexer>(), "StackExchange.Redis");
    }

    private static ConfigurationOptions Options(StackExchangeRedisSettings settings, IConfigurationSection[] sections, string name)
    {
        // Parsed options keep what the string says; only what it leaves open falls back to not aborting.
        var saysAbort = settings.ConnectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) == true;
        var options = string.IsNullOrEmpty(settings.ConnectionString) ? new() : ConfigurationOptions.Parse(settings.ConnectionString);
        if (!saysAbort) options.AbortOnConnectFail = false;
        foreach (var section in sections) section.GetSection("ConfigurationOptions").Bind(options);
        return options.EndPoints.Count > 0 ? options : throw new InvalidOperationException(
            $"No Redis endpoint: set 'ConnectionStrings:{name}' or '{Section}:ConnectionString'.");
    }

    /// <summary>Connects when the host starts.</summary>
    private sealed class RedisActivation(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<IConnectionMultiplexer>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
