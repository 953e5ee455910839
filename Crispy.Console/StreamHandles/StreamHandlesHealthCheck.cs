using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.Console.StreamHandles;

/// <summary>Red while a stream-handle cannot be asked.</summary>
public sealed class StreamHandlesHealthCheck(KnownStreams streams, StreamHandleDirectory directory) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Look());

    private HealthCheckResult Look() =>
        streams.Troubles is [var trouble, ..]
            ? HealthCheckResult.Unhealthy($"stream-handle at {StreamHandleClient.Redacted(trouble.Address)} is away: {trouble.Error}")
        : directory.Known.Count > 0 && directory.Known.All(streams.HasHeard) ? HealthCheckResult.Healthy("every stream-handle answers")
        : HealthCheckResult.Unhealthy("not every stream-handle was heard yet");
}
