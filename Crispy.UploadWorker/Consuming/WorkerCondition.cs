using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Crispy.UploadWorker.Consuming;

/// <summary>What stands in the way of uploads now, for the health check and for logging each change once.</summary>
internal sealed class WorkerCondition
{
    private volatile string? _brokerProblem = "not connected yet";
    private volatile string? _refusal;

    /// <summary>Why RabbitMQ is not there; null while it is.</summary>
    public string? BrokerProblem
    {
        get => _brokerProblem;
        set => _brokerProblem = value;
    }

    /// <summary>Why the bucket refuses uploads; null while it does not.</summary>
    public string? Refusal => _refusal;

    /// <summary>Notes a refusal.</summary>
    /// <returns>True when uploads were not refused before.</returns>
    public bool Refuse(string reason) => Interlocked.Exchange(ref _refusal, reason) is null;

    /// <summary>Notes that the bucket accepts uploads.</summary>
    /// <returns>True when they were refused before.</returns>
    public bool Accept() => _refusal is not null && Interlocked.Exchange(ref _refusal, null) is not null;
}

/// <summary>Red while RabbitMQ is unreachable or the bucket refuses uploads.</summary>
internal sealed class UploadHealthCheck(WorkerCondition condition) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        condition.BrokerProblem is { } problem ? HealthCheckResult.Unhealthy($"RabbitMQ is unreachable: {problem}")
        : condition.Refusal is { } refusal ? HealthCheckResult.Unhealthy($"uploads are refused: {refusal}")
        : HealthCheckResult.Healthy());
}

/// <summary>Says when Redis is away, without turning red: chunks flow on, and their states catch up.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        redis.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis is unreachable: states of chunks catch up later"));
}
