using System.Collections.Immutable;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Asks the health checks of running resources, again and again.</summary>
internal sealed class HealthMonitor(
    HealthCheckService checks,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    Display display,
    IServiceProvider services,
    TimeProvider time)
{
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ListenLimit = TimeSpan.FromSeconds(5);

    /// <summary>Watches a resource until its processes end.</summary>
    public async Task WatchAsync(ResourceRunner runner, CancellationToken stopping)
    {
        var keys = runner.Resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watching = WatchAsync(runner, keys, ended.Token);
        await Task.WhenAny(watching, runner.Ended).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
    }

    private async Task WatchAsync(ResourceRunner runner, HashSet<string> keys, CancellationToken cancellationToken)
    {
        bool? wasHealthy = null;
        try
        {
            if (keys.Count > 0)
            {
                SetReports(runner, [.. keys.Select(key => new HealthReportSnapshot(key, null, null, null))]);
                await WaitUntilListeningAsync(runner, cancellationToken).ConfigureAwait(false);
            }

            do
            {
                var reports = keys.Count == 0 ? [] : await AskAsync(keys, cancellationToken).ConfigureAwait(false);
                SetReports(runner, reports);
                var isHealthy = reports.All(report => report.Status == HealthStatus.Healthy);
                await ShowAsync(runner, reports, wasHealthy, isHealthy).ConfigureAwait(false);
                wasHealthy = isHealthy;
                await Task.Delay(isHealthy ? WhileHealthy : WhileUnhealthy, time, cancellationToken).ConfigureAwait(false);
            }
            while (keys.Count > 0);
        }
        catch (OperationCanceledException)
        {
            // It ended, or the application stops.
        }
    }

    /// <summary>Some clients take seconds to notice that a server which was not there at first is there now: they are not asked before.</summary>
    private async Task WaitUntilListeningAsync(ResourceRunner runner, CancellationToken cancellationToken)
    {
        var from = time.GetTimestamp();
        foreach (var port in runner.Instances.SelectMany(instance => instance.Ports).Where(port => port.Key.Protocol == ProtocolType.Tcp).Select(port => port.Value.Port))
        {
            while (time.GetElapsedTime(from) < ListenLimit && !await IsListeningAsync(port, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> IsListeningAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("localhost", port, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<ImmutableArray<HealthReportSnapshot>> AskAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(AnswerLimit);
        try
        {
            var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), limited.Token).ConfigureAwait(false);
            return [.. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description ?? entry.Exception?.Message, entry.Exception?.ToString())
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"No health check '{key}' is registered.", null))];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [.. keys.Select(key => new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"No answer within {AnswerLimit.TotalSeconds} s.", null))];
        }
    }

    private void SetReports(ResourceRunner runner, ImmutableArray<HealthReportSnapshot> reports)
    {
        foreach (var instance in runner.Instances.Where(instance => instance.Process is { Ended.IsCompleted: false }))
        {
            notifications.Update(runner.Resource, instance.Name, before => before with { HealthReports = reports });
        }
    }

    private async Task ShowAsync(ResourceRunner runner, ImmutableArray<HealthReportSnapshot> reports, bool? wasHealthy, bool isHealthy)
    {
        if (isHealthy && runner.Milestones.Healthy.TrySetResult())
        {
            if (reports.Length > 0) display.Happened(runner.Resource.Name, "healthy");
            await eventing.PublishAsync(new ResourceReadyEvent(runner.Resource, services), CancellationToken.None).ConfigureAwait(false);
        }
        else if (isHealthy && wasHealthy == false)
        {
            display.Happened(runner.Resource.Name, "healthy again");
        }
        else if (!isHealthy && wasHealthy == true)
        {
            var reasons = reports.Where(report => report.Status != HealthStatus.Healthy).Select(report => report.Description ?? report.Name);
            display.Happened(runner.Resource.Name, $"UNHEALTHY: {string.Join("; ", reasons)}");
        }
    }
}
