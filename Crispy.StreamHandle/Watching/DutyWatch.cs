using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Reporting;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using StackExchange.Redis;
using Condition = Crispy.Contracts.Api.Condition;

namespace Crispy.StreamHandle.Watching;

/// <summary>Gathers every two seconds, of a large spool less often, what a person on duty must know, and remembers since when it is so.</summary>
public sealed class DutyWatch(
    StatusReader status, StreamSupervisor supervisor, ChunkPublisher publisher, SpoolLayout spool, SpoolOptions options, SpoolBudget budget, SpoolGauge gauge,
    IConnectionMultiplexer redis, CertificateEnds certificates, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long workers have, after this process started, to tell of themselves.</summary>
    private static readonly TimeSpan Patience = WorkerReports.Life + TimeSpan.FromSeconds(10);

    private readonly ServerWatch _bucket = new();
    private readonly ServerWatch _broker = new();
    private readonly ServerWatch _redis = new();
    private readonly LossCount _losses = new();
    private IReadOnlyList<CertificateDuty> _workerCertificates = [];
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
                await LookAtRedisAsync();
                // A server that does not answer must not hold up the report.
                _ = certificates.LookAsync("stream-handle", clock, stoppingToken);
                _broker.Note(publisher.Trouble is null, publisher.Trouble, clock.GetUtcNow());
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

    private async Task LookAtRedisAsync()
    {
        var now = clock.GetUtcNow();
        try
        {
            var workers = await WorkerReports.ReadAllAsync(redis.GetDatabase());
            _redis.Note(true, null, now);
            List<WorkerReport> own = [.. workers.Where(worker => worker.Spool == options.Name)];
            NoteBucket(own, now);
            _workerCertificates = [.. own.SelectMany(worker => worker.Certificates)];
        }
        catch (Exception away) when (away is RedisException or TimeoutException or ObjectDisposedException)
        {
            _redis.Note(false, "it does not answer", now);
            // What was known last of the bucket is not known to be so now.
            _bucket.Note(null, "Redis, through which the upload-workers tell it, cannot be used", now);
        }
    }

    // One worker that can use the bucket is enough for chunks to be stored.
    private void NoteBucket(List<WorkerReport> workers, DateTimeOffset now)
    {
        if (workers.Count == 0)
        {
            if (now - supervisor.StartedAt > Patience) _bucket.Note(null, "no upload-worker tells of itself", now);
        }
        else if (workers.Exists(worker => worker.Bucket.Well)) _bucket.Note(true, null, now);
        else
        {
            var first = workers.MinBy(worker => worker.Bucket.Since)!;
            _bucket.Note(false, first.Bucket.Reason, now, first.Bucket.Since);
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
            Bucket = _bucket.Now,
            Broker = _broker.Now,
            Redis = _redis.Now,
            Waiting = new(streams.Sum(stream => (long)stream.Spooled), gauge.Bytes, streams.Min(stream => stream.WaitingSince)),
            Disk = Disk(streams),
            Recent = new(supervisor.StartedAt > yesterday ? supervisor.StartedAt : yesterday,
                _losses.Take(streams.Sum(stream => (long)stream.Lost), now), DeadSince(yesterday)),
            Certificates = [.. certificates.Known.Concat(_workerCertificates).GroupBy(each => each.Name, StringComparer.Ordinal)
                .Select(same => same.MinBy(each => each.Ends)!).OrderBy(each => each.Ends)],
            Dead = streams.Sum(stream => (long)stream.Dead),
            Balance = streams.Select(stream => stream.Law?.Balance ?? 0).FirstOrDefault(balance => balance != 0),
        };
    }

    private DiskDuty Disk(IReadOnlyList<StreamReport> streams)
    {
        var left = budget.Room;
        var rate = streams.Where(stream => stream is { State: StreamState.Running, Kind: StreamKind.Live }).Sum(stream => stream.Bitrate ?? 0) / 8;
        return new(left, budget.MaxBytes, rate, rate > 0 ? left / rate : null, budget.IsFullLately, budget.IsTaken);
    }

    private long DeadSince(DateTimeOffset time) =>
        spool.Streams().Sum(stream => spool.DeadManifests(stream).LongCount(path => File.GetLastWriteTimeUtc(path) >= time.UtcDateTime));
}
