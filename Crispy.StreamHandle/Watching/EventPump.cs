using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Reporting;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Watching;

/// <summary>Makes events of what changes. A stream's report comes at once when its state or definition changes, and once a second at most
/// when only counters do. A dead chunk comes within a second. Reads nothing while nobody listens.</summary>
public sealed class EventPump(StreamEvents events, StreamSupervisor supervisor, StatusReader reader, DeadChunks dead, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CounterInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly HashSet<string> _due = new(StringComparer.Ordinal);
    private HashSet<string>? _dead;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await events.UntilWatchedAsync(stoppingToken);
                await WatchAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Nobody listens to a process that ends.
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        _told.Clear();
        _dead = null;
        var looked = 0L;
        while (events.IsWatched)
        {
            _due.UnionWith(events.TakeChanged());
            if (looked == 0 || clock.GetElapsedTime(looked) >= CounterInterval)
            {
                looked = clock.GetTimestamp();
                Look();
            }
            foreach (var stream in _due.ToList()) Tell(stream);
            await Task.Delay(Interval, clock, stopping);
        }
    }

    // Workers empty the spool, and bury chunks, without a word to this process.
    private void Look()
    {
        foreach (var (stream, told) in _told)
            if (told.Report is { Spooled: > 0 } or { Dead: > 0 } or { LossRecords: > 0 }) _due.Add(stream);
        var now = dead.Ids().ToDictionary(id => id.ToString(), StringComparer.Ordinal);
        foreach (var (chunk, id) in now)
        {
            if (_dead?.Contains(chunk) != false || dead.Find(id) is not { } found) continue;
            events.Dead(found);
            _due.Add(id.Stream);
        }
        _dead = [.. now.Keys];
    }

    private void Tell(string stream)
    {
        var before = _told.GetValueOrDefault(stream);
        if (before is not null && supervisor.Find(stream)?.Status.State == before.State && !before.IsOlderThan(reader.VersionOf(stream))
            && clock.GetElapsedTime(before.At) < CounterInterval)
            return;
        _due.Remove(stream);
        if (reader.Read(stream) is not { } report)
        {
            _told.Remove(stream);
            return;
        }
        if (before is null || !before.IsSame(report)) events.Report(report);
        _told[stream] = new(report, supervisor.Find(stream)?.Status.State, clock.GetTimestamp());
    }

    private sealed record Told(StreamReport Report, StreamState? State, long At)
    {
        private readonly string _json = System.Text.Json.JsonSerializer.Serialize(Report, EventJson.Default.StreamReport);

        public bool IsOlderThan(long version) => Report.Version != version;

        public bool IsSame(StreamReport other) => _json == System.Text.Json.JsonSerializer.Serialize(other, EventJson.Default.StreamReport);
    }
}
