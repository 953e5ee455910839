using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Sends the last spans, metrics and log records when the process stops, all at once and for a limited time. The receiver often
/// stops first. The exporters would wait 5 s for each of the three, one after the other. That is longer than the person or the orchestrator
/// who stops the process would wait.</summary>
internal sealed class LastFlush(IServiceProvider services, IConfiguration configuration) : IHostedLifecycleService
{
    /// <summary>How long it may take, in milliseconds, where <c>OTEL_EXPORTER_OTLP_TIMEOUT</c> does not say how long one export
    /// may.</summary>
    private const int Limit = 2000;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Each of these blocks. What they shut down is not waited for once more when it is disposed of.
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        var setting = configuration["OTEL_EXPORTER_OTLP_TIMEOUT"];
        var limit = int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Limit;
        return Task.WhenAll(
            Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(limit), CancellationToken.None));
    }
}
