using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every process of Crispy has in common: telemetry, health, service discovery, the clock.</summary>
public static class ServiceDefaults
{
    /// <summary>Answers 200 while the process runs at all; for liveness probes.</summary>
    public const string AlivePath = "/alive";

    /// <summary>Answers 200 only while no health check is red; for readiness probes and people. Details need a token:
    /// <see cref="OperatorToken"/>.</summary>
    public const string HealthPath = "/health";

    private const string LiveTag = "live";

    // A line for each probe says nothing, and neither does a stack for each try to connect. What a check finds, and that Redis is away,
    // is logged once, by the part that meets it.
    private static readonly Dictionary<string, string?> QuietLogs = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        ["Logging:LogLevel:StackExchange.Redis"] = "None",
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
    };

    /// <summary>Adds the defaults. Telemetry goes out by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; metrics can also be asked
    /// for (<see cref="MetricsEndpoint"/>).</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        // First, so that every other source of configuration can say otherwise. No file, since a process may run in any folder.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = QuietLogs });
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddCrispyTelemetry(builder.Configuration, builder.Environment.ApplicationName);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy("the process runs"), [LiveTag]);
        // No defaults for HTTP clients: each loop here retries by itself, and the exporters' clients, which would get them too, must not
        // retry at all.
        builder.Services.AddServiceDiscovery();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        return builder;
    }

    /// <summary>Adds traces and metrics alone, for hosts that are not built by a host application builder.</summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="configuration">Read for <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>;
    /// the exporter reads the other <c>OTEL_*</c> values itself.</param>
    /// <param name="serviceName">The service's name where <c>OTEL_SERVICE_NAME</c> gives no other.</param>
    /// <param name="requestsBeginTraces">Whether a request that changes something begins a trace where its caller has none. Not where
    /// requests are events of chunks, which have traces of their own.</param>
    public static IServiceCollection AddCrispyTelemetry(
        this IServiceCollection services, IConfiguration configuration, string serviceName, bool requestsBeginTraces = true)
    {
        services.AddSingleton(TimeProvider.System);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .SetSampler(TraceRoots.Sampler(configuration))
                .AddSource("Crispy.*")
                .AddAspNetCoreInstrumentation(asp =>
                {
                    asp.Filter = context => TraceRoots.IsTraced(context.Request, requestsBeginTraces);
                    // A page that is open would begin a trace with each of its messages.
                    (asp.EnableAspNetCoreSignalRSupport, asp.EnableRazorComponentsSupport) = (false, false);
                })
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics
                .AddMeter("Crispy.*")
                .AddPrometheusExporter()
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation());
        if (string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return services;
        telemetry.UseOtlpExporter();
        return services.AddHostedService<LastFlush>();
    }

    /// <summary>Maps <see cref="HealthPath"/> and <see cref="AlivePath"/>.</summary>
    public static TApp MapDefaultEndpoints<TApp>(this TApp app) where TApp : IEndpointRouteBuilder
    {
        app.MapHealthChecks(HealthPath, new() { ResponseWriter = HealthAnswer.WriteAsync });
        app.MapHealthChecks(AlivePath, new() { Predicate = check => check.Tags.Contains(LiveTag) });
        return app;
    }
}
