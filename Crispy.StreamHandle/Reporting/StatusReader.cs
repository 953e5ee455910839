using Crispy.Spool;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Registering;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Reporting;

/// <summary>Gathers what the API shows. The spool is counted at each call, so that the answer is never older than its question.</summary>
public sealed class StatusReader(
    StreamSupervisor supervisor, StreamRegistry registry, SpoolLayout spool, SpoolGauge gauge, ChunkPublisher publisher,
    RetentionSettings retention)
{
    /// <summary>All streams and their sums.</summary>
    public StatusReport Read()
    {
        IReadOnlyList<StreamReport> streams = [.. supervisor.Streams.Select(Read)];
        var finite = streams.Where(stream => stream is { Kind: StreamKind.Finite, State: not (StreamState.Paused or StreamState.Removed) })
            .ToList();
        var ended = finite.Count > 0
            && finite.All(stream => stream is { State: StreamState.Ended or StreamState.Failed, Pending: 0, Spooled: 0, LossRecords: 0 });
        var captured = streams.Aggregate(default(Captured), (sum, stream) => sum.Plus(stream.Captured));
        return new(supervisor.StartedAt, ended, captured, streams.Sum(stream => stream.Spooled), streams.Sum(stream => stream.Dead),
            streams.Sum(stream => stream.Lost),
            streams.Sum(stream => stream.LossRecords), Sum(streams), gauge.Bytes, publisher.Trouble, streams);
    }

    /// <summary>A page of streams, by id.</summary>
    /// <param name="after">The last stream of the page before, which may be gone by now; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public StreamPage ReadPage(string? after, int limit)
    {
        var all = supervisor.Streams;
        var page = all.Where(stream => string.CompareOrdinal(stream.Options.Id, after) > 0)
            .OrderBy(stream => stream.Options.Id, StringComparer.Ordinal).Take(limit + 1).ToList();
        var items = page.Take(limit).Select(Read).ToList();
        return new(all.Count, items, page.Count > limit ? items[^1].Id : null);
    }

    /// <summary>One stream; null where none has the id.</summary>
    public StreamReport? Read(string id) => supervisor.Find(id) is { } stream ? Read(stream) : null;

    /// <summary>One stream with its definition; null where none has the id.</summary>
    public StreamReport? ReadWhole(string id) =>
        Read(id) is { } report ? report with { Definition = registry.Find(id)?.Options.Definition?.Redacted() } : null;

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
        var waiting = spool.ReadyManifests(id).ToList();
        return new()
        {
            Id = id,
            Name = entry is null ? stream.Options.Name : entry.Options.Name,
            Group = (entry?.Options ?? stream.Options).Group,
            Tags = (entry?.Options ?? stream.Options).Tags,
            Url = stream.Options.Url.Redacted,
            Kind = status.IsFinite ? StreamKind.Finite : StreamKind.Live,
            State = status.State,
            Error = status.Error,
            Epoch = status.Epoch,
            Captured = status.Captured,
            Pending = status.Pending,
            Paused = status.Paused,
            Spooled = waiting.Count,
            WaitingSince = WaitingSince(waiting),
            Dead = spool.DeadManifests(id).Count(),
            Lost = status.Lost,
            LossRecords = spool.ReadyLosses(id).Count(),
            Law = stream.Law,
            Clock = status.Clock,
            Damages = status.Damages,
            Discarded = status.Discarded,
            LastError = status.LastError,
            Gaps = stream.Gaps,
            LastChunk = status.LastChunk,
            Origin = entry?.IsConfigured ?? record?.Definition is null ? StreamOrigin.Configured : StreamOrigin.Api,
            ConfiguredAt = entry?.Options.ConfiguredAt,
            Enabled = entry?.IsEnabled ?? false,
            Version = entry?.Version ?? record?.Version ?? 0,
            Fps = status.Fps,
            Bitrate = status.Bitrate,
            Complaints = status.Complaints,
            LastComplaint = status.LastComplaint,
            Retention = retention.Of(entry?.Options ?? stream.Options),
        };
    }

    // Chunks become ready in the order of their numbers; one that was replayed is younger than its number.
    private static DateTimeOffset? WaitingSince(List<string> manifests)
    {
        var first = manifests.MinBy(path => ChunkFiles.TryParseManifestName(path, out _, out var sequence) ? sequence : long.MaxValue);
        if (first is null) return null;
        var written = File.GetLastWriteTimeUtc(first);
        return written.Year < 1970 ? null : new DateTimeOffset(written, TimeSpan.Zero); // A worker took it meanwhile.
    }
}
