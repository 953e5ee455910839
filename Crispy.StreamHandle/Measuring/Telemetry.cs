using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Crispy.StreamHandle.Measuring;

/// <summary>The traces and metrics of stream-handle.</summary>
internal static class Telemetry
{
    /// <summary>The name of source and meter.</summary>
    public const string Name = "Crispy.StreamHandle";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Frames = Meter.CreateCounter<long>("crispy.captured.frames", "{frame}", "Video frames captured");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("crispy.captured.bytes", "By", "Bytes of the chunks captured");
    private static readonly Counter<long> Chunks =
        Meter.CreateCounter<long>("crispy.chunks", "{chunk}", "Chunks by the state they entered");
    private static readonly Counter<long> Losses =
        Meter.CreateCounter<long>("crispy.chunks.lost", "{chunk}", "Chunks that were declared lost, by reason");
    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("crispy.publish.failures", "{message}", "Publishes that the broker did not confirm");
    private static readonly Counter<long> Reconnects =
        Meter.CreateCounter<long>("crispy.source.reconnects", "{connection}", "Connections to a source that had to be made again");

    private static readonly Counter<long> Discards =
        Meter.CreateCounter<long>("crispy.source.discarded", "{frame}", "Frames that came before a camera's first keyframe");
    private static readonly Counter<long> Damages =
        Meter.CreateCounter<long>("crispy.source.damages", "{report}", "Reports of missing or corrupt data in a source");

    /// <summary>Lets each series of a stream begin with 0, so that the first event is an increase.
    /// Does no harm when it is repeated.</summary>
    public static void Begin(string stream)
    {
        Captured(stream, 0, 0, 0);
        foreach (var state in (string[])["queued", "lost"]) Chunks.Add(0, new("stream", stream), new("state", state));
        foreach (var reason in Contracts.LossReason.All) Losses.Add(0, new("stream", stream), new("reason", reason));
        foreach (var counter in (Counter<long>[])[Failures, Reconnects, Discards, Damages])
            counter.Add(0, new KeyValuePair<string, object?>("stream", stream));
    }

    /// <summary>The span in which a chunk is declared lost; null while nobody listens.</summary>
    /// <param name="traceparent">W3C trace context of its capture, or null.</param>
    public static Activity? StartLoss(string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: false, out var capture);
        return Source.StartActivity("chunk loss", ActivityKind.Internal, capture);
    }

    public static void Captured(string stream, long frames, long bytes) => Captured(stream, 1, frames, bytes);

    private static void Captured(string stream, int chunks, long frames, long bytes)
    {
        var tag = new KeyValuePair<string, object?>("stream", stream);
        Frames.Add(frames, tag);
        Bytes.Add(bytes, tag);
        Chunks.Add(chunks, tag, new("state", "spooled"));
    }

    /// <summary>Counts a chunk that was declared lost.</summary>
    public static void Lost(string stream, string reason)
    {
        Chunks.Add(1, new("stream", stream), new("state", "lost"));
        Losses.Add(1, new("stream", stream), new("reason", reason));
    }

    public static void Published(string stream) => Chunks.Add(1, new("stream", stream), new("state", "queued"));

    public static void PublishFailed(string stream) => Failures.Add(1, new KeyValuePair<string, object?>("stream", stream));

    public static void Damaged(string stream) => Damages.Add(1, new KeyValuePair<string, object?>("stream", stream));

    public static void Discarded(string stream) => Discards.Add(1, new KeyValuePair<string, object?>("stream", stream));

    public static void Reconnected(string stream) => Reconnects.Add(1, new KeyValuePair<string, object?>("stream", stream));
}
