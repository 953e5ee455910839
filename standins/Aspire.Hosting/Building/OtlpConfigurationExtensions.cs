using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Sends the telemetry of resources to the dashboard.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>
    /// Sets the environment variables of OpenTelemetry's SDK
    /// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) so that a process exports to the dashboard.
    /// </summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithTelemetry();
    }

    internal static IResourceBuilder<T> WithTelemetry<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment =>
        builder.WithEnvironment(context =>
        {
            if (context.ExecutionContext.IsPublishMode) return;

            if (context.ExecutionContext.Services.GetRequiredService<DashboardProcess>().OtlpEndpoint is { } endpoint)
            {
                context.EnvironmentVariables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
                context.EnvironmentVariables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            }

            SetIdentity(context);
            SetHaste(context, builder.ApplicationBuilder.Environment);
        });

    private static void SetIdentity(EnvironmentCallbackContext context)
    {
        context.EnvironmentVariables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Running.ResourceInstance.IdPlaceholder}";
        context.EnvironmentVariables["OTEL_SERVICE_NAME"] = context.Resource.Name;
    }

    /// <summary>Short delays, in milliseconds: who looks at the dashboard waits for the data.</summary>
    private static void SetHaste(EnvironmentCallbackContext context, IHostEnvironment environment)
    {
        const string Delay = "1000";
        context.EnvironmentVariables["OTEL_BLRP_SCHEDULE_DELAY"] = Delay;
        context.EnvironmentVariables["OTEL_BSP_SCHEDULE_DELAY"] = Delay;
        context.EnvironmentVariables["OTEL_METRIC_EXPORT_INTERVAL"] = Delay;
        if (!environment.IsDevelopment()) return;

        context.EnvironmentVariables["OTEL_TRACES_SAMPLER"] = "always_on";
        context.EnvironmentVariables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
