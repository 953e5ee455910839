using System.Diagnostics;
using System.Diagnostics.Metrics;
using Crispy.ChunkLogger.Verifying;
using Crispy.Contracts;

namespace Crispy.ChunkLogger;

/// <summary>The counters and the trace source of chunk-logger.</summary>
internal sealed class Metrics : IDisposable
{
    /// <summary>Name of the meter and of the trace source.</summary>
    public const string Name = "Crispy.ChunkLogger";

    private static readonly string[] IgnoredReasons = ["duplicate", "other event", "other bucket", "not a chunk", "gone", "malformed"];

    private readonly Counter<long> _logged;
    private readonly Counter<long> _losses;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _published;
    private readonly Histogram<double> _latency;

    public Metrics(IMeterFactory meters, LastAttempt lastAttempt)
    {
        var meter = meters.Create(Name);
        _logged = meter.CreateCounter<long>("crispy.chunk_logger.chunks", "{chunk}", "Chunks logged, by the state of their signature");
        _losses = meter.CreateCounter<long>("crispy.chunk_logger.losses", "{chunk}",
            "Loss records logged, by reason and by the state of their signature");
        _ignored = meter.CreateCounter<long>("crispy.chunk_logger.ignored", "{event}", "Events that gave no entry, by reason");
        _failed = meter.CreateCounter<long>("crispy.chunk_logger.failed", "{event}", "Attempts that failed and will be made again");
        _published = meter.CreateCounter<long>("crispy.chunk_logger.published", "{record}", "Records that the topic has taken, by kind");
        _latency = meter.CreateHistogram<double>("crispy.chunk_logger.latency", "s", "From the end of a chunk's last frame to its entry");
        meter.CreateObservableGauge("crispy.chunk_logger.up", () => lastAttempt.HasFailed ? 0 : 1, "{process}",
            "0 from an attempt that failed until one succeeds");
        Begin();
    }

    public ActivitySource Source { get; } = new(Name);

    public void Logged(ChunkReport report, TimeSpan? latency)
    {
        _logged.Add(1, new KeyValuePair<string, object?>("signature", report.SignatureText));
        if (latency is { } known) _latency.Record(known.TotalSeconds);
    }

    public void LossLogged(LossReport report) =>
        _losses.Add(1, new("reason", Known(report.Record?.Reason)), new("signature", report.SignatureText));

    // Each series begins with 0, so that the first event is an increase.
    private void Begin()
    {
        foreach (var signature in Enum.GetValues<SignatureState>().Select(SignatureStateText.Of))
        {
            _logged.Add(0, new KeyValuePair<string, object?>("signature", signature));
            foreach (var reason in LossReason.All) _losses.Add(0, new("reason", reason), new("signature", signature));
        }
        foreach (var reason in IgnoredReasons) _ignored.Add(0, new KeyValuePair<string, object?>("reason", reason));
        foreach (var kind in (string[])["chunk", "loss"]) _published.Add(0, new KeyValuePair<string, object?>("kind", kind));
        _failed.Add(0);
    }

    // What a record says may be anything; a series for each would have no end.
    private static string Known(string? reason) => LossReason.All.FirstOrDefault(known => known == reason) ?? "unknown";

    public void Ignored(string reason) => _ignored.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Published(string kind) => _published.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Failed() => _failed.Add(1);

    public void Dispose() => Source.Dispose();
}
