using System.Diagnostics;
using System.Diagnostics.Metrics;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Uploading;
using StackExchange.Redis;

namespace Crispy.UploadWorker;

/// <summary>Spans and instruments of the uploads.</summary>
internal sealed class UploadTelemetry
{
    public const string Name = "Crispy.UploadWorker";

    private const string Returned = "returned";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _uploads;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _dead;
    private readonly Counter<long> _failed;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<int> _inFlight;
    private int _uploading;

    public UploadTelemetry(IMeterFactory meters, WorkerCondition condition, BucketWatch bucket, IConnectionMultiplexer redis,
        CertificateEnds certificates)
    {
        var meter = meters.Create(Name);
        _uploads = meter.CreateCounter<long>("crispy.uploads", "{upload}", "Uploads that ended, by outcome");
        _bytes = meter.CreateCounter<long>("crispy.upload.bytes", "By", "Bytes of chunks that were stored");
        _retries = meter.CreateCounter<long>("crispy.upload.retries", "{retry}", "Retries, in place and through a delay queue");
        _dead = meter.CreateCounter<long>("crispy.uploads.dead", "{message}", "Messages that went to the dead letter exchange, by reason");
        _duration = meter.CreateHistogram<double>("crispy.upload.duration", "s", "Time from taking a chunk to its outcome");
        _failed = meter.CreateCounter<long>("crispy.uploads.failed", "{upload}", "Uploads that failed and will be tried again, by reason");
        Watch("crispy.uploads.paused", () => condition.Refusal is not null, "1 while the bucket refuses uploads and they pause");
        Watch("crispy.bucket.up", () => bucket.View is { Well: true }, "1 while the bucket can be used");
        Watch("crispy.broker.up", () => condition.Broker.Well, "1 while RabbitMQ can be used");
        Watch("crispy.redis.up", () => redis.IsConnected, "1 while Redis can be used");
        meter.CreateObservableGauge("crispy.certificate.end", () => certificates.Known.Select(each =>
            new Measurement<double>(each.Ends.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("certificate", each.Name))), "s",
            "When the certificate ends, in seconds since 1970");
        _inFlight = meter.CreateUpDownCounter<int>("crispy.uploads.in_flight", "{upload}", "Uploads going on now");
        Begin();

        void Watch(string name, Func<bool> isSo, string description) =>
            meter.CreateObservableGauge(name, () => isSo() ? 1 : 0, "{worker}", description);
    }

    /// <summary>The span of one chunk's upload; null while nobody listens.</summary>
    /// <param name="traceparent">W3C trace context of the chunk's capture; a malformed one starts a trace of its own.</param>
    public static Activity? StartUpload(string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        return Source.StartActivity("chunk upload", ActivityKind.Consumer, parent);
    }

    /// <summary>Uploads that go on now.</summary>
    public int InFlight => Volatile.Read(ref _uploading);

    public void Started()
    {
        Interlocked.Increment(ref _uploading);
        _inFlight.Add(1);
    }

    /// <param name="verdict">Null where nothing is known, and the message comes again.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="storedBytes">How much of it is in the bucket now.</param>
    public void Ended(Verdict? verdict, TimeSpan duration, long storedBytes)
    {
        var tag = Tag("outcome", verdict is null ? Returned : Verdict.OutcomeOf(verdict.GetType()));
        Interlocked.Decrement(ref _uploading);
        _inFlight.Add(-1);
        _uploads.Add(1, tag);
        _duration.Record(duration.TotalSeconds, tag);
        if (storedBytes > 0) _bytes.Add(storedBytes);
    }

    public void Retried(string where) => _retries.Add(1, Tag("where", where));

    public void DeadLettered(string reason) =>
        _dead.Add(1, Tag("reason", DeadReason.All.Contains(reason) ? reason : DeadReason.Unknown));

    /// <param name="reason">One of <see cref="BucketTrouble.Kinds"/>.</param>
    public void Failed(string reason) => _failed.Add(1, Tag("reason", reason));

    // Each series begins with 0, so that the first event is an increase.
    private void Begin()
    {
        foreach (var outcome in Verdict.Outcomes.Append(Returned)) _uploads.Add(0, Tag("outcome", outcome));
        foreach (var reason in BucketTrouble.Kinds) _failed.Add(0, Tag("reason", reason));
        foreach (var reason in DeadReason.All) _dead.Add(0, Tag("reason", reason));
        foreach (var where in (string[])["place", "queue"]) _retries.Add(0, Tag("where", where));
        _bytes.Add(0);
        _inFlight.Add(0);
    }

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
