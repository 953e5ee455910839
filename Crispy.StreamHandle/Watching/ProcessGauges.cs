using System.Diagnostics.Metrics;
using Crispy.Coordination;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Watching;

/// <summary>What can be read of spool, sources and servers at any moment, as metrics.</summary>
internal sealed class ProcessGauges(
    SpoolGauge spool, SpoolBudget budget, ChunkPublisher publisher, IConnectionMultiplexer redis, ConnectLimiter connects,
    CertificateEnds certificates)
{
    /// <summary>Lets all of it be asked for, for as long as the process lives.</summary>
    public void Observe()
    {
        var meter = Telemetry.Meter;
        meter.CreateObservableGauge("crispy.spool.bytes", () => spool.Bytes, "By", "Bytes of all files in the spool");
        meter.CreateObservableGauge("crispy.spool.limit", () => budget.MaxBytes, "By", "Bytes that the spool may take (MaxBytes)");
        meter.CreateObservableGauge("crispy.spool.free", () => budget.Free, "By", "Free bytes of the spool's volume");
        meter.CreateObservableGauge("crispy.spool.room", () => budget.Room, "By", "Bytes that can still be recorded");
        meter.CreateObservableGauge("crispy.spool.until_full", () => budget.SecondsUntilFull, "s",
            "Time until the spool has no room, at the rate of the last two minutes; infinite while nothing grows");
        meter.CreateObservableGauge("crispy.spool.oldest.age", () => spool.OldestAge.TotalSeconds, "s",
            "How long the oldest ready chunk has waited");

        meter.CreateObservableGauge("crispy.source.opening", () => connects.Opening, "{source}", "Sources that are being opened now");
        meter.CreateObservableGauge("crispy.source.waiting", () => connects.Waiting, "{source}", "Sources that wait to be opened");
        meter.CreateObservableGauge(
            "crispy.broker.up", () => publisher.Trouble is null ? 1 : 0, "{server}", "1 while RabbitMQ can be used");
        meter.CreateObservableGauge("crispy.certificate.end", () => certificates.Known.Select(End), "s",
            "When the certificate ends, in seconds since 1970");
        meter.CreateObservableGauge("crispy.redis.up", () => redis.IsConnected ? 1 : 0, "{server}", "1 while Redis can be used");
    }

    private static Measurement<double> End(CertificateDuty certificate) =>
        new(certificate.Ends.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("certificate", certificate.Name));
}
