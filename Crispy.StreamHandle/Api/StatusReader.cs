using Crispy.Backplane;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Api;

/// <summary>Gathers what the API shows. The spool is counted at each call, so that the answer is never older than its question.</summary>
public sealed class StatusReader(
    StreamSupervisor supervisor, SpoolLayout spool, SpoolGauge gauge, ChunkPublisher publisher)
{
    /// <summary>All streams and their sums.</summary>
    public StatusReport Read()
    {
        var streams = ReadStreams();
        var finite = streams.Where(stream => stream.Kind == "finite").ToList();
        var ended = finite.Count > 0 && finite.All(stream => stream is { State: "ended" or "failed", Pending: 0, Spooled: 0, LossRecords: 0 });
        var captured = streams.Aggregate(default(Captured), (sum, stream) => new(
            sum.Chunks + stream.Captured.Chunks, sum.Frames + stream.Captured.Frames, sum.Bytes + stream.Captured.Bytes));
        return new(supervisor.StartedAt, ended, captured, streams.Sum(stream => stream.Spooled), streams.Sum(stream => stream.Dead), streams.Sum(stream => stream.Lost),
            streams.Sum(stream => stream.LossRecords), Sum(streams), gauge.Bytes, publisher.Trouble, streams);
    }

    /// <summary>All streams.</summary>
    public IReadOnlyList<StreamReport> ReadStreams() => [.. supervisor.Streams.Select(Read)];

    /// <summary>One stream; null where none has the id.</summary>
    public StreamReport? Read(string id) =>
        supervisor.Streams.FirstOrDefault(stream => stream.Options.Id == id) is { } stream ? Read(stream) : null;

    private static Conservation? Sum(IReadOnlyList<StreamReport> streams) => streams.All(stream => stream.Law is not null)
        ? streams.Aggregate(default(Conservation), (sum, stream) => sum.Plus(stream.Law!.Value))
        : null;

    private StreamReport Read(StreamRunner stream)
    {
        var id = stream.Options.Id;
        // The state first: what is counted after it can only be more complete than it says.
        var status = stream.Status;
        return new(id, stream.Options.Url.Redacted, status.IsFinite ? "finite" : "live", Name(status.State), status.Error, status.Epoch,
            status.Captured, status.Pending, status.Paused, spool.ReadyManifests(id).Count(), spool.DeadManifests(id).Count(), status.Lost, spool.ReadyLosses(id).Count(),
            stream.Law, status.Clock, status.Damages, status.Discarded, status.LastError, stream.Gaps, status.LastChunk);
    }

    private static string Name(StreamState state) => state switch
    {
        StreamState.Starting => "starting",
        StreamState.Running => "running",
        StreamState.Backoff => "backoff",
        StreamState.Ended => "ended",
        StreamState.Standby => "standby",
        _ => "failed",
    };
}
