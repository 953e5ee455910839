using Aspire.RabbitMQ.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a RabbitMQ connection from configuration.</summary>
public static class AspireRabbitMQExtensions
{
    private const string Section = "Aspire:RabbitMQ:Client";

    /// <summary>
    /// Registers singletons of <see cref="IConnectionFactory"/> and <see cref="IConnection"/>, a health check and tracing. The
    /// connection is made when it is first asked for; that call blocks through the retries of the first connect.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">Reads <c>ConnectionStrings:{connectionName}</c>, else the section's <c>ConnectionString</c>.</param>
    /// <param name="configureSettings">Runs after configuration has been read.</param>
    /// <param name="configureConnectionFactory">Runs last on the factory, after its section <c>ConnectionFactory</c> and the URI.</param>
    public static void AddRabbitMQClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var sections = new[] { builder.Configuration.GetSection(Section), builder.Configuration.GetSection($"{Section}:{connectionName}") };
        var settings = new RabbitMQClientSettings();
        foreach (var section in sections) section.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionFactory>(_ => Factory(settings, sections, configureConnectionFactory));
        builder.Services.AddSingleton(services =>
            RabbitMQConnector.Connect(services.GetRequiredService<IConnectionFactory>(), settings.MaxConnectRetryCount));
        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(RabbitMQConnector.SourceName, "RabbitMQ.Client.*"));
        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().Add(new("RabbitMQ.Client", services => new RabbitMQHealthCheck(services), HealthStatus.Unhealthy, tags: null));
    }

    private static ConnectionFactory Factory(
        RabbitMQClientSettings settings, IConfigurationSection[] sections, Action<ConnectionFactory>? configure)
    {
        var factory = new ConnectionFactory();
        foreach (var section in sections) section.GetSection("ConnectionFactory").Bind(factory);
        if (!string.IsNullOrEmpty(settings.ConnectionString)) factory.Uri = new(settings.ConnectionString);
        configure?.Invoke(factory);
        return factory;
    }
}
