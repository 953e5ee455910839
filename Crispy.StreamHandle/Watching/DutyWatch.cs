using Crispy.Coordination;
using Crispy.StreamHandle.Reporting;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using Condition = Crispy.Contracts.Api.Condition;

namespace Crispy.StreamHandle.Watching;

/// <summary>Gathers every two seconds, of a large spool less often, what a person on duty must know, and remembers since when it is
/// so.</summary>
public sealed class DutyWatch(
    StatusReader status, StreamSupervisor supervisor, ServerWatches servers, SpoolParts spool, CertificateEnds certificates,
    TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly LossCount _losses = new();
    private volatile DutyReport? _report;

    /// <summary>The newest report.</summary>
    public DutyReport Report => _report ?? DutyJudge.Judge(new() { At = clock.GetUtcNow() });

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await servers.LookAtRedisAsync();
                // A server that does not answer must not hold up the report.
                _ = certificates.LookAsync("stream-handle", clock, stoppingToken);
                servers.LookAtBroker();
                var start = clock.GetTimestamp();
                _report = DutyJudge.Judge(Gather());
                await Task.Delay(SpoolGauge.PauseAfter(clock.GetElapsedTime(start), Interval), clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Nobody is on duty for a process that ends.
        }
    }

    private DutyReport Gather()
    {
        var now = clock.GetUtcNow();
        var streams = status.Read().Streams;
        var conditions = streams.Where(stream => stream.State != StreamState.Removed).Select(stream => Condition.Of(stream, now)).ToList();
        var yesterday = now - TimeSpan.FromDays(1);
        return new()
        {
            At = now,
            Cameras = new(conditions.Count, conditions.Count(each => each.IsRecording), conditions.Count(each => each.Level == Level.Bad),
                conditions.Count(each => each.Level == Level.Idle)),
            Bucket = servers.Bucket,
            Broker = servers.Broker,
            Redis = servers.Redis,
            Waiting = new(streams.Sum(stream => (long)stream.Spooled), spool.Gauge.Bytes, streams.Min(stream => stream.WaitingSince)),
            Disk = Disk(streams),
            Recent = new(supervisor.StartedAt > yesterday ? supervisor.StartedAt : yesterday,
                _losses.Take(streams.Sum(stream => (long)stream.Lost), now), DeadSince(yesterday)),
            Certificates = [.. certificates.Known.Concat(servers.WorkerCertificates).GroupBy(each => each.Name, StringComparer.Ordinal)
                .Select(same => same.MinBy(each => each.Ends)!).OrderBy(each => each.Ends)],
            Dead = streams.Sum(stream => (long)stream.Dead),
            Balance = streams.Select(stream => stream.Law?.Balance ?? 0).FirstOrDefault(balance => balance != 0),
        };
    }

    private DiskDuty Disk(IReadOnlyList<StreamReport> streams)
    {
        var left = spool.Budget.Room;
        var rate = streams.Where(stream => stream is { State: StreamState.Running, Kind: StreamKind.Live })
            .Sum(stream => stream.Bitrate ?? 0) / 8;
        return new(left, spool.Budget.MaxBytes, rate, rate > 0 ? left / rate : null, spool.Budget.IsFullLately, spool.Budget.IsTaken);
    }

    private long DeadSince(DateTimeOffset time) =>
        spool.Layout.Streams()
        .Sum(stream => spool.Layout.DeadManifests(stream).LongCount(path => File.GetLastWriteTimeUtc(path) >= time.UtcDateTime));
}
