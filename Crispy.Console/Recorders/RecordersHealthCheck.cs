using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.Console.Recorders;

/// <summary>Red while a stream-handle cannot be asked.</summary>
public sealed class RecordersHealthCheck(Fleet fleet, RecorderDirectory directory) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        fleet.Troubles is [var trouble, ..] ? HealthCheckResult.Unhealthy($"stream-handle at {RecorderClient.Redacted(trouble.Address)} is away: {trouble.Error}")
        : directory.Known.Count > 0 && directory.Known.All(fleet.HasHeard) ? HealthCheckResult.Healthy("every stream-handle answers")
        : HealthCheckResult.Unhealthy("not every stream-handle was heard yet"));
}
