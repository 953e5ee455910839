using Crispy.Coordination;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Watching;

/// <summary>Looks at the servers that chunks need on their way: the bucket as the upload-workers tell it, RabbitMQ and Redis.</summary>
public sealed class ServerWatches(
    StreamSupervisor supervisor, ChunkPublisher publisher, SpoolOptions options, IConnectionMultiplexer redis, TimeProvider clock)
{
    /// <summary>How long workers have, after this process started, to tell of themselves.</summary>
    private static readonly TimeSpan Patience = WorkerReports.Life + TimeSpan.FromSeconds(10);

    private readonly ServerWatch _bucket = new();
    private readonly ServerWatch _broker = new();
    private readonly ServerWatch _redis = new();
    private IReadOnlyList<CertificateDuty> _workerCertificates = [];

    /// <summary>The bucket.</summary>
    public ServiceDuty Bucket => _bucket.Now;

    /// <summary>RabbitMQ.</summary>
    public ServiceDuty Broker => _broker.Now;

    /// <summary>Redis.</summary>
    public ServiceDuty Redis => _redis.Now;

    /// <summary>Certificates that the upload-workers know of.</summary>
    public IReadOnlyList<CertificateDuty> WorkerCertificates => _workerCertificates;

    /// <summary>Looks at Redis, and at the bucket through it.</summary>
    public async Task LookAtRedisAsync()
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

    /// <summary>Looks at RabbitMQ.</summary>
    public void LookAtBroker() => _broker.Note(publisher.Trouble is null, publisher.Trouble, clock.GetUtcNow());

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
}
