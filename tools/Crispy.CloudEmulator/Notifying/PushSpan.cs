using System.Diagnostics;
using System.Text.Json;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>The span of one event's delivery, all of its attempts included. It continues the trace that the object's metadata names, as a
/// chunk's does.</summary>
internal static class PushSpan
{
    private static readonly ActivitySource Source = new("Crispy.CloudEmulator");

    /// <summary>Null while nobody listens.</summary>
    public static Activity? Start(PendingEvent pending)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(Traceparent(pending.Resource), null, isRemote: true, out var upload);
        return Source.StartActivity("bucket notification", ActivityKind.Producer, upload)?.SetTag("crispy.object", pending.ObjectName);
    }

    private static string? Traceparent(byte[] resource)
    {
        using var json = JsonDocument.Parse(resource);
        return json.RootElement.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("traceparent", out var traceparent)
            ? traceparent.GetString()
            : null;
    }
}
