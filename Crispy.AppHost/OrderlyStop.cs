using System.Collections.Concurrent;
using Crispy.AppHost.Showing;
using Microsoft.Extensions.Hosting;

namespace Crispy.AppHost;

/// <summary>Ends the run's processes in the order of the data, before Aspire does: that sends SIGTERM to all at once, and SIGKILL after
/// 6 s. A service has 30 s to finish what it has begun, as in a deployment. Containers are Aspire's to end.</summary>
internal sealed class OrderlyStop(ResourceNotificationService notifications, RunScreen screen) : BackgroundService
{
    /// <summary>How long all of them have together.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    // A service that makes work ends before the one that takes it.
    private static readonly string[][] Order =
        [["console", "stream-handle"], ["upload-worker"], ["bucket"], ["chunk-logger"], ["redis", "rabbitmq"], ["rabbitmq-epmd"]];

    private readonly ConcurrentDictionary<string, (string Name, int Process)> _running = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        grace.CancelAfter(Grace);
        try
        {
            foreach (var names in Order) await EndAsync(names, grace.Token);
        }
        catch (OperationCanceledException)
        {
            // What is left is Aspire's to kill. The spool holds what was not finished.
        }
        await base.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Snapshot.IsRunning() && change.Snapshot.ProcessId() is { } process)
                _running[change.ResourceId] = (change.Resource.Name, process);
            else _running.TryRemove(change.ResourceId, out _);
        }
    }

    private async Task EndAsync(string[] names, CancellationToken cancellationToken)
    {
        using var step = new SlowStep($"Stopping {string.Join(" and ", names)}", screen, TimeProvider.System);
        var processes = _running.Values.Where(running => names.Contains(running.Name)).Select(running => running.Process).ToList();
        foreach (var process in processes) Signals.AskToEnd(process);
        while (processes.Any(Signals.IsThere)) await Task.Delay(Interval, TimeProvider.System, cancellationToken);
    }
}
