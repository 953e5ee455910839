using System.Collections.Concurrent;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>
/// One event still to be delivered to one target: ids only increase; the resource is the object's JSON at the time. Of an overwrite, the
/// other generation is the one that was replaced, or that replaced.
/// </summary>
internal sealed record PendingEvent(
    long Id, string EventType, string Bucket, string ObjectName, long Generation, DateTimeOffset Time, byte[] Resource, long? Other);

/// <summary>
/// Events between their object and their delivery. They are written in the transaction that makes the object, and deleted once the target
/// has answered with success. So each is delivered at least once, even if a process dies. Bounded by the disk alone.
/// </summary>
internal sealed class Outbox(Ledger ledger, TimeProvider time) : IEventSink
{
    private readonly ConcurrentDictionary<string, PushTarget> _targets = new(StringComparer.Ordinal);
    private long _delivered;
    private long _retried;

    /// <summary>A target came or went, or an event came.</summary>
    public event Action? Changed;

    public IReadOnlyCollection<PushTarget> Targets => [.. _targets.Values];

    public long Delivered => Interlocked.Read(ref _delivered);

    public long Retried => Interlocked.Read(ref _retried);

    public long CountPending() => ledger.Read(statements => statements.First("SELECT COUNT(*) FROM outbox", row => row.GetInt64(0)));

    public void AddTarget(PushTarget target)
    {
        _targets[target.Key] = target;
        Announce();
    }

    /// <summary>What was pending for it is dropped.</summary>
    public async Task RemoveTargetAsync(string key)
    {
        _targets.TryRemove(key, out _);
        await ledger.ChangeAsync(statements => statements.Execute("DELETE FROM outbox WHERE config = $1", key));
        Announce();
    }

    /// <summary>Drops what is pending for targets that exist no longer; their number of events.</summary>
    public Task<int> DropOrphansAsync() => ledger.ChangeAsync(statements => statements
        .All("SELECT DISTINCT config FROM outbox", row => row.GetString(0))
        .Where(key => !_targets.ContainsKey(key))
        .Sum(key => statements.Execute("DELETE FROM outbox WHERE config = $1", key)));

    /// <inheritdoc />
    public void Add(Statements statements, ObjectEvent happened, StoredObject subject, string baseUri, long? other = null)
    {
        byte[]? resource = null;
        foreach (var (key, target) in _targets)
        {
            if (!target.Wants(happened, subject)) continue;
            resource ??= ResourceJson.Object(subject, baseUri);
            statements.Execute(
                "INSERT INTO outbox (config, event_type, bucket, object, generation, time, resource, other) VALUES ($1, $2, $3, $4, $5, "
                    + "$6, $7, $8)",
                key, EventNames.PubSub(happened), subject.Bucket, subject.Name, subject.Generation,
                time.GetUtcNow().UtcTicks, resource, other);
        }
    }

    /// <inheritdoc />
    public void Announce() => Changed?.Invoke();

    public List<PendingEvent> Next(string key, long after, int atMost) => ledger.Read(statements => statements.All(
        "SELECT id, event_type, bucket, object, generation, time, resource, other FROM outbox WHERE config = $1 AND id > $2 ORDER BY "
            + "id LIMIT $3",
        row => new PendingEvent(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4),
            new(row.GetInt64(5), TimeSpan.Zero), row.GetFieldValue<byte[]>(6), row.IsDBNull(7) ? null : row.GetInt64(7)),
        key, after, atMost));

    public async Task AcknowledgeAsync(PendingEvent done)
    {
        await ledger.ChangeAsync(statements => statements.Execute("DELETE FROM outbox WHERE id = $1", done.Id));
        Interlocked.Increment(ref _delivered);
    }

    public void CountRetry() => Interlocked.Increment(ref _retried);
}
