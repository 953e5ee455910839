using Crispy.Backplane;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Api;

/// <summary>Gathers what the API shows. The spool is counted at each call, so that the answer is never older than its question.</summary>
public sealed class StatusReader(
    StreamSupervisor supervisor, SpoolLayout spool, SpoolGauge gauge, ChunkPublisher publisher, IConnectionMultiplexer redis, TimeProvider clock)
{
    private static readonly TimeSpan RedisLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>All streams and their sums.</summary>
    public async Task<StatusReport> ReadAsync()
    {
        var streams = await ReadStreamsAsync();
        var finite = streams.Where(stream => stream.Kind == "finite").ToList();
        var ended = finite.Count > 0 && finite.All(stream => stream is { State: "ended" or "failed", Pending: 0, Spooled: 0 });
        var captured = streams.Aggregate(default(Captured), (sum, stream) => new(
            sum.Chunks + stream.Captured.Chunks, sum.Frames + stream.Captured.Frames, sum.Bytes + stream.Captured.Bytes));
        return new(supervisor.StartedAt, ended, captured, streams.Sum(stream => stream.Spooled), streams.Sum(stream => stream.Dead), streams.Sum(stream => stream.Lost),
            streams.Any(stream => stream.Stored is null) ? null : streams.Sum(stream => stream.Stored), gauge.Bytes, publisher.Trouble, streams);
    }

    /// <summary>All streams.</summary>
    public async Task<IReadOnlyList<StreamReport>> ReadStreamsAsync() => await Task.WhenAll(supervisor.Streams.Select(ReadAsync));

    /// <summary>One stream; null where none has the id.</summary>
    public async Task<StreamReport?> ReadAsync(string id) =>
        supervisor.Streams.FirstOrDefault(stream => stream.Options.Id == id) is { } stream ? await ReadAsync(stream) : null;

    private async Task<StreamReport> ReadAsync(StreamRunner stream)
    {
        var id = stream.Options.Id;
        // The state first: what is counted after it can only be more complete than it says.
        var status = stream.Status;
        return new(id, stream.Options.Url.Redacted, status.IsFinite ? "finite" : "live", Name(status.State), status.Error, status.Epoch,
            status.Captured, status.Pending, status.Paused, spool.ReadyManifests(id).Count(), spool.DeadManifests(id).Count(), 0, await StoredAsync(id), status.LastChunk);
    }

    private static string Name(StreamState state) => state switch
    {
        StreamState.Starting => "starting",
        StreamState.Running => "running",
        StreamState.Backoff => "backoff",
        StreamState.Ended => "ended",
        _ => "failed",
    };

    private async Task<long?> StoredAsync(string id)
    {
        if (!redis.IsConnected) return null;
        try
        {
            return (await ChunkStates.CountsAsync(redis.GetDatabase(), id).WaitAsync(RedisLimit, clock)).Stored;
        }
        catch (Exception away) when (away is RedisException or TimeoutException)
        {
            return null;
        }
    }
}
