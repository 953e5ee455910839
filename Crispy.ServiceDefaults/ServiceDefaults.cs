using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every process of Crispy has in common: telemetry, health, service discovery, resilient HTTP clients, the clock.</summary>
public static class ServiceDefaults
{
    /// <summary>Answers 200 while the process runs at all; for liveness probes.</summary>
    public const string AlivePath = "/alive";

    /// <summary>Answers 200 only while every health check is green, and names those that are not; for readiness probes and people.</summary>
    public const string HealthPath = "/health";

    private const string LiveTag = "live";

    /// <summary>Adds the defaults. Telemetry goes out by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        // A line a probe says nothing, and neither does a page about each connection.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("StackExchange.Redis", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddCrispyTelemetry(builder.Configuration, builder.Environment.ApplicationName);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        return builder;
    }

    /// <summary>Adds traces and metrics alone, for hosts that are not built by a host application builder.</summary>
    /// <param name="services">Where to add them.</param>
    /// <param name="configuration">Read for <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; the exporter reads the other <c>OTEL_*</c> values itself.</param>
    /// <param name="serviceName">The service's name where <c>OTEL_SERVICE_NAME</c> gives no other.</param>
    public static IServiceCollection AddCrispyTelemetry(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        services.AddSingleton(TimeProvider.System);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddSource("Crispy.*", "RabbitMQ.Client.*", "Aspire.RabbitMQ.Client")
                .AddAspNetCoreInstrumentation(asp => asp.Filter = context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics
                .AddMeter("Crispy.*")
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation());
        if (!string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();
        return services;
    }

    /// <summary>Maps <see cref="HealthPath"/> and <see cref="AlivePath"/>.</summary>
    public static TApp MapDefaultEndpoints<TApp>(this TApp app) where TApp : IEndpointRouteBuilder
    {
        app.MapHealthChecks(HealthPath, new() { ResponseWriter = WriteReportAsync });
        app.MapHealthChecks(AlivePath, new() { Predicate = check => check.Tags.Contains(LiveTag) });
        return app;
    }

    private static bool IsProbe(PathString path) => path.StartsWithSegments(HealthPath) || path.StartsWithSegments(AlivePath);

    private static Task WriteReportAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key,
            entry => new { status = entry.Value.Status.ToString(), description = entry.Value.Description ?? entry.Value.Exception?.Message }),
    });
}
