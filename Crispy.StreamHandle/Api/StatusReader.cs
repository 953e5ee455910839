using Crispy.Spool;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Api;

/// <summary>Gathers what the API shows. The spool is counted at each call, so that the answer is never older than its question.</summary>
public sealed class StatusReader(
    StreamSupervisor supervisor, StreamRegistry registry, SpoolLayout spool, SpoolGauge gauge, ChunkPublisher publisher)
{
    /// <summary>All streams and their sums.</summary>
    public StatusReport Read()
    {
        IReadOnlyList<StreamReport> streams = [.. supervisor.Streams.Select(Read)];
        var finite = streams.Where(stream => stream is { Kind: "finite", State: not ("paused" or "removed") }).ToList();
        var ended = finite.Count > 0 && finite.All(stream => stream is { State: "ended" or "failed", Pending: 0, Spooled: 0, LossRecords: 0 });
        var captured = streams.Aggregate(default(Captured), (sum, stream) => new(
            sum.Chunks + stream.Captured.Chunks, sum.Frames + stream.Captured.Frames, sum.Bytes + stream.Captured.Bytes));
        return new(supervisor.StartedAt, ended, captured, streams.Sum(stream => stream.Spooled), streams.Sum(stream => stream.Dead), streams.Sum(stream => stream.Lost),
            streams.Sum(stream => stream.LossRecords), Sum(streams), gauge.Bytes, publisher.Trouble, streams);
    }

    /// <summary>A page of streams, by id.</summary>
    /// <param name="after">The last stream of the page before, which may be gone by now; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public StreamPage ReadPage(string? after, int limit)
    {
        var all = supervisor.Streams;
        var page = all.Where(stream => string.CompareOrdinal(stream.Options.Id, after) > 0).OrderBy(stream => stream.Options.Id, StringComparer.Ordinal).Take(limit + 1).ToList();
        var items = page.Take(limit).Select(Read).ToList();
        return new(all.Count, items, page.Count > limit ? items[^1].Id : null);
    }

    /// <summary>One stream; null where none has the id.</summary>
    public StreamReport? Read(string id) => supervisor.Find(id) is { } stream ? Read(stream) : null;

    /// <summary>One stream with its definition; null where none has the id.</summary>
    public StreamReport? ReadWhole(string id) => Read(id) is { } report ? report with { Definition = registry.Find(id)?.Options.Definition?.Redacted() } : null;

    /// <summary>What a stream's version is now; 0 where there is none.</summary>
    internal long VersionOf(string id) => registry.Find(id)?.Version ?? registry.Record(id)?.Version ?? 0;

    private static Conservation? Sum(IReadOnlyList<StreamReport> streams) => streams.All(stream => stream.Law is not null)
        ? streams.Aggregate(default(Conservation), (sum, stream) => sum.Plus(stream.Law!.Value))
        : null;

    private StreamReport Read(StreamRunner stream)
    {
        var id = stream.Options.Id;
        // The state first: what is counted after it can only be more complete than it says.
        var status = stream.Status;
        var (entry, record) = (registry.Find(id), registry.Record(id));
        return new(id, stream.Options.Url.Redacted, status.IsFinite ? "finite" : "live", Name(status.State), status.Error, status.Epoch,
            status.Captured, status.Pending, status.Paused, spool.ReadyManifests(id).Count(), spool.DeadManifests(id).Count(), status.Lost, spool.ReadyLosses(id).Count(),
            stream.Law, status.Clock, status.Damages, status.Discarded, status.LastError, stream.Gaps, status.LastChunk,
            entry is null ? stream.Options.Name : entry.Options.Name, entry?.IsConfigured ?? record?.Definition is null ? "configured" : "api", entry?.IsEnabled ?? false,
            entry?.Version ?? record?.Version ?? 0, status.Fps, status.Bitrate, status.Complaints, status.LastComplaint);
    }

    /// <summary>What the API and metrics call a state.</summary>
    internal static string Name(StreamState state) => state switch
    {
        StreamState.Starting => "starting",
        StreamState.Running => "running",
        StreamState.Backoff => "backoff",
        StreamState.Ended => "ended",
        StreamState.Standby => "standby",
        StreamState.Paused => "paused",
        StreamState.Removed => "removed",
        _ => "failed",
    };
}
