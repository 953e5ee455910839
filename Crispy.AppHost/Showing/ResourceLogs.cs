using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Crispy.AppHost.Showing;

/// <summary>Writes what all resources print to the run's log, and with --verbose to the screen too. Ends after them, so that their last
/// words are there.</summary>
/// <param name="notifications">Tells of resources.</param>
/// <param name="logs">Aspire's own collection of what they print.</param>
/// <param name="log">The run's log.</param>
/// <param name="screen">The screen; null where they are not shown.</param>
internal sealed class ResourceLogs(ResourceNotificationService notifications, ResourceLoggerService logs, RunLog log, RunScreen? screen)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, Task> _copying = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource)) continue;
                // One that was started again is listened to again.
                if (_copying.TryGetValue(change.ResourceId, out var before) && !before.IsCompleted) continue;
                _copying[change.ResourceId] = CopyAsync(change.Resource.Name, change.ResourceId, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_copying.Values);
        }
    }

    private async Task CopyAsync(string name, string resource, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await foreach (var lines in logs.WatchAsync(resource).WithCancellation(cancellationToken))
            {
                foreach (var line in lines) Write(name, resource, line.Content);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // A listener that comes back is told all of it again: what is not newer was written.
    private void Write(string name, string resource, string content)
    {
        var (time, text) = PrintedLine.Parse(content);
        if (time is { } at)
        {
            if (_last.TryGetValue(resource, out var last) && at < last) return;
            _last[resource] = at;
        }
        log.Write(name, text);
        screen?.Say($"{name}: {text}");
    }
}

/// <summary>A line of a resource as Aspire keeps it: <c>2026-11-26T13:36:00.123Z what was printed</c>.</summary>
internal static class PrintedLine
{
    /// <summary>Its time, where there is one, and what was printed.</summary>
    public static (DateTimeOffset? Time, string Text) Parse(string line) =>
        line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank
        && DateTimeOffset.TryParse(line.AsSpan(0, blank), System.Globalization.CultureInfo.InvariantCulture, out var time)
            ? (time, line[(blank + 1)..]) : (null, line);
}
