using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.AppHost.Showing;

/// <summary>What the run's resources are up to: which of them have not answered yet, and what they say is wrong.</summary>
internal sealed class ResourceBook(ResourceNotificationService notifications, TimeProvider time)
{
    // From its first answer: until then a service may still be making its connections.
    private static readonly TimeSpan Warmth = TimeSpan.FromSeconds(20);

    // Their troubles are those of the streams, which are told one by one.
    private static readonly string[] ToldByStreams = ["stream-handle", "console"];

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Names of what has not answered yet, in the order of their starts.</summary>
    public IReadOnlyList<string> Awaited =>
        [.. _entries.Values.Where(entry => !entry.HasAnswered).Select(entry => entry.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether Aspire's dashboard runs.</summary>
    public bool HasDashboard { get; private set; }

    /// <summary>Keeps the book until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (change.Resource.Name == "aspire-dashboard") HasDashboard = change.Snapshot.IsRunning();
            if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource)
                || change.Resource.Name.StartsWith("aspire-", StringComparison.Ordinal)) continue;
            // A helper of the dashboard's, which never runs.
            if (change.Resource.Name.EndsWith("-rebuilder", StringComparison.Ordinal)) continue;
            Note(_entries.GetOrAdd(change.ResourceId, _ => new(change.Resource.Name)), change.Snapshot);
        }
    }

    /// <summary>What is wrong with resources that were well before, or have had the time to become so; by their names, so that replicas are
    /// one.</summary>
    public Dictionary<string, string> Troubles()
    {
        var troubles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in _entries.Values)
        {
            if (entry.Trouble is not { } trouble || entry.AnsweredAt is not { } answered) continue;
            if (entry.WasWell || time.GetUtcNow() - answered > Warmth) troubles.TryAdd(entry.Name, trouble);
        }
        return troubles;
    }

    private void Note(Entry entry, CustomResourceSnapshot snapshot)
    {
        if (!snapshot.HasAnswered())
        {
            // Its end and its new start are told by the supervisor.
            if (snapshot.IsOver()) entry.Trouble = null;
            return;
        }
        entry.AnsweredAt ??= time.GetUtcNow();
        var wrong = snapshot.HealthReports.Where(report => report.Status is HealthStatus.Unhealthy or HealthStatus.Degraded)
            .Where(report => !ToldByStreams.Contains(entry.Name) || !report.Name.EndsWith("-says", StringComparison.Ordinal))
            .Select(report => report.Description ?? report.ExceptionText?.Split('\n')[0] ?? "it does not answer")
                .Distinct(StringComparer.Ordinal).ToList();
        if (wrong.Count == 0 && snapshot.HealthReports.All(report => report.Status is not null)) entry.WasWell = true;
        entry.Trouble = wrong.Count == 0 ? null : string.Join("; ", wrong);
    }

    private sealed class Entry(string name)
    {
        public string Name { get; } = name;

        public DateTimeOffset? AnsweredAt { get; set; }

        public bool HasAnswered => AnsweredAt is not null;

        public bool WasWell { get; set; }

        public string? Trouble { get; set; }
    }
}
