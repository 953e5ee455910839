using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.ChunkLogger;

/// <summary>Red from a failed attempt until one succeeds: events that fail come again,
/// so it turns green by itself once the cause is gone.</summary>
internal sealed class LastAttempt : IHealthCheck
{
    private volatile string? _failure;

    public bool HasFailed => _failure is not null;

    public void Succeeded() => _failure = null;

    public void Failed(string reason) => _failure = reason;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_failure is { } reason ? HealthCheckResult.Unhealthy($"the latest chunk could not be logged: {reason}")
            : HealthCheckResult.Healthy("no event has failed since the last success"));
}
