using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.UploadWorker.Consuming;

/// <summary>Red while no session with RabbitMQ is open.</summary>
internal sealed class BrokerHealthCheck(WorkerCondition condition) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(condition.BrokerProblem is { } problem
            ? HealthCheckResult.Unhealthy($"RabbitMQ is unreachable: {problem}")
            : HealthCheckResult.Healthy("RabbitMQ answers"));
}
