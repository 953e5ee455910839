using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Crispy.UploadWorker.Consuming;

/// <summary>A refusal of the bucket that only a person can mend.</summary>
/// <param name="Reason">Its answer.</param>
/// <param name="Object">The object that it refused.</param>
internal sealed record Refusal(string Reason, string Object);

/// <summary>What stands in the way of uploads now, for the health check and for logging it once a minute.</summary>
internal sealed class WorkerCondition(TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile string? _brokerProblem = "not connected yet";
    private volatile Refusal? _refusal;
    private volatile Refusal? _lastFailure;
    private long? _logged;

    /// <summary>Why RabbitMQ is not there; null while it is.</summary>
    public string? BrokerProblem
    {
        get => _brokerProblem;
        set => _brokerProblem = value;
    }

    /// <summary>Why the bucket refuses uploads; null while it does not.</summary>
    public Refusal? Refusal => _refusal;

    /// <summary>Notes a refusal.</summary>
    /// <returns>True when it is to be logged: at first, and then once a minute.</returns>
    public bool Refuse(Refusal refusal)
    {
        _refusal = refusal;
        lock (_gate)
        {
            if (_logged is { } last && time.GetElapsedTime(last) < LogInterval) return false;
            _logged = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>The last upload that time may mend; null once one succeeded after it.</summary>
    public Refusal? LastFailure
    {
        get => _lastFailure;
        set => _lastFailure = value;
    }

    /// <summary>Notes that the bucket accepts uploads.</summary>
    /// <returns>True when they were refused before.</returns>
    public bool Accept()
    {
        _lastFailure = null;
        return _refusal is not null && Interlocked.Exchange(ref _refusal, null) is not null;
    }
}

/// <summary>Red while RabbitMQ is unreachable or the bucket refuses uploads.</summary>
internal sealed class UploadHealthCheck(WorkerCondition condition) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        condition.BrokerProblem is not null ? HealthCheckResult.Unhealthy("uploads wait for RabbitMQ")
        : condition.Refusal is { } refusal ? HealthCheckResult.Unhealthy($"uploads are refused: {refusal.Reason}")
        : HealthCheckResult.Healthy("the bucket refuses no upload"));
}

/// <summary>Says when Redis is away, without turning red: chunks flow on, and their states catch up.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        redis.IsConnected ? HealthCheckResult.Healthy("Redis answers") : HealthCheckResult.Degraded("Redis is unreachable: states of chunks catch up later"));
}
