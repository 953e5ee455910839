using System.Diagnostics;
using System.Diagnostics.Metrics;
using Crispy.UploadWorker.Consuming;

namespace Crispy.UploadWorker;

/// <summary>Spans and instruments of the uploads.</summary>
internal sealed class UploadTelemetry
{
    public const string Name = "Crispy.UploadWorker";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _uploads;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _dead;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<int> _inFlight;

    public UploadTelemetry(IMeterFactory meters, WorkerCondition condition)
    {
        var meter = meters.Create(Name);
        _uploads = meter.CreateCounter<long>("crispy.uploads", "{upload}", "Uploads that ended, by outcome");
        _bytes = meter.CreateCounter<long>("crispy.upload.bytes", "By", "Bytes of chunks that were stored");
        _retries = meter.CreateCounter<long>("crispy.upload.retries", "{retry}", "Retries, in place and through a delay queue");
        _dead = meter.CreateCounter<long>("crispy.uploads.dead", "{message}", "Messages that went to the dead letter exchange, by reason");
        _duration = meter.CreateHistogram<double>("crispy.upload.duration", "s", "Time from taking a chunk to its outcome");
        meter.CreateObservableGauge("crispy.uploads.paused", () => condition.Refusal is null ? 0 : 1, "{worker}", "1 while the bucket refuses uploads and they pause");
        _inFlight = meter.CreateUpDownCounter<int>("crispy.uploads.in_flight", "{upload}", "Uploads going on now");
    }

    /// <summary>The span of one chunk's upload; null while nobody listens.</summary>
    /// <param name="traceparent">W3C trace context of the chunk's capture; a malformed one starts a trace of its own.</param>
    public static Activity? StartUpload(string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        return Source.StartActivity("chunk upload", ActivityKind.Consumer, parent);
    }

    public void Started() => _inFlight.Add(1);

    public void Ended(string outcome, TimeSpan duration, long storedBytes)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _inFlight.Add(-1);
        _uploads.Add(1, tag);
        _duration.Record(duration.TotalSeconds, tag);
        if (storedBytes > 0) _bytes.Add(storedBytes);
    }

    public void Retried(string where) => _retries.Add(1, new KeyValuePair<string, object?>("where", where));

    public void DeadLettered(string reason) => _dead.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
