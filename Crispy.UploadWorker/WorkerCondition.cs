using Crispy.Coordination;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Crispy.UploadWorker;

/// <summary>A refusal of the bucket that only a person can repair.</summary>
/// <param name="Reason">Its answer.</param>
/// <param name="Object">The object that it refused.</param>
internal sealed record Refusal(string Reason, string Object);

/// <summary>What stands in the way of uploads now, for the health check and for logging it once a minute.</summary>
internal sealed class WorkerCondition(TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile ServerView _broker = ServerView.Away(time.GetUtcNow(), "not connected yet");
    private volatile Refusal? _refusal;
    private long? _logged;

    /// <summary>Raised when <see cref="Broker"/> is another one.</summary>
    public event Action? BrokerChanged;

    /// <summary>How RabbitMQ is.</summary>
    public ServerView Broker => _broker;

    /// <summary>Why RabbitMQ is not there; null while it is.</summary>
    public string? BrokerProblem
    {
        get => _broker.Reason;
        set
        {
            var before = _broker;
            _broker = value is null ? ServerView.IsWell
                : before.Well ? ServerView.Away(time.GetUtcNow(), value)
                : before with { Reason = value };
            if (_broker != before) BrokerChanged?.Invoke();
        }
    }

    /// <summary>Why the bucket refuses uploads; null while it does not.</summary>
    public Refusal? Refusal => _refusal;

    /// <summary>Notes a refusal.</summary>
    /// <returns>True when it must be logged: at first, and then once a minute.</returns>
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

    /// <summary>Notes that the bucket accepts uploads.</summary>
    /// <returns>True when they were refused before.</returns>
    public bool Accept() => _refusal is not null && Interlocked.Exchange(ref _refusal, null) is not null;
}

/// <summary>Red while RabbitMQ is unreachable or the bucket refuses uploads.</summary>
internal sealed class UploadHealthCheck(WorkerCondition condition) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
        condition.BrokerProblem is not null ? HealthCheckResult.Unhealthy("uploads wait for RabbitMQ")
        : condition.Refusal is { } refusal ? HealthCheckResult.Unhealthy($"uploads are refused: {refusal.Reason}")
        : HealthCheckResult.Healthy("the bucket refuses no upload"));
}

/// <summary>Says when Redis is away, without turning red: chunks flow on, and their states catch up.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
        redis.IsConnected
            ? HealthCheckResult.Healthy("Redis answers")
            : HealthCheckResult.Degraded("Redis is unreachable: states of chunks catch up later"));
}
