using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Supervising;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Api;

/// <summary>Red when a live stream is not being recorded; yellow when a finite one has failed. Names them.</summary>
internal sealed class StreamsHealthCheck(StreamSupervisor supervisor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // What is paused or removed is so on purpose.
        var wanted = supervisor.Streams.Where(stream => stream.Duty == StreamDuty.Record).ToList();
        var away = wanted.Where(stream => stream.Status.State is not (StreamState.Running or StreamState.Standby)
            && !stream.Status.IsFinite).Select(Describe).ToList();
        if (away.Count > 0) return Task.FromResult(HealthCheckResult.Unhealthy(string.Join("; ", away)));
        var failed = wanted.Where(stream => stream.Status.State == StreamState.Failed).Select(Describe).ToList();
        return Task.FromResult(failed.Count > 0
            ? HealthCheckResult.Degraded(string.Join("; ", failed))
            : HealthCheckResult.Healthy(Count(wanted)));
    }

    private static string Count(List<StreamRunner> streams) => streams.Count == 0
        ? "there are no streams to record"
        : string.Join(", ", streams.GroupBy(stream => stream.Status.State).OrderBy(group => group.Key)
            .Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"));

    private static string Describe(StreamRunner stream) =>
        $"{stream.Options.Id} is {stream.Status.State.ToString().ToLowerInvariant()}: {stream.Status.Error ?? "no picture yet"}";
}

/// <summary>Red while chunks of a stream are neither stored nor waiting nor told of. Yellow while files lie in quarantine that are not the
/// streams' own.</summary>
internal sealed class ConservationHealthCheck(StreamSupervisor supervisor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var off = supervisor.Streams.Select(stream => (stream.Options.Id, Balance: stream.Law?.Balance ?? 0))
            .Where(each => each.Balance != 0).ToList();
        if (off.Count > 0)
            return Task.FromResult(
                HealthCheckResult.Unhealthy(
                    string.Join("; ", off.Select(each => $"{each.Id}: {each.Balance} of the captured chunks are nowhere"))));
        var foreign = supervisor.Streams.Sum(stream => stream.Foreign.Count);
        return Task.FromResult(foreign > 0
            ? HealthCheckResult.Degraded(
                $"{foreign} files in the spool are not the streams' own and lie in quarantine (GET /api/dead names them)")
            : HealthCheckResult.Healthy("every captured chunk is accounted for"));
    }
}

/// <summary>Yellow while others' files fill the spool's volume: what waits is safe, what is new is not.</summary>
internal sealed class SpoolHealthCheck(SpoolBudget budget) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(budget.IsTaken
            ? HealthCheckResult.Degraded(
                $"the volume is full by others' files, {budget.Free} bytes are free: chunks that wait are kept, new ones are lost "
                    + $"or held back")
            : HealthCheckResult.Healthy(budget.IsFullLately ? "the spool is full" : "there is room"));
}

/// <summary>Red while chunks cannot be published.</summary>
internal sealed class PublisherHealthCheck(ChunkPublisher publisher) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(publisher.Trouble is { } trouble
            ? HealthCheckResult.Unhealthy($"RabbitMQ cannot be used, chunks wait in the spool: {trouble}")
            : HealthCheckResult.Healthy("RabbitMQ answers"));
}

/// <summary>Yellow while Redis is away: chunks still flow, and their states catch up.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis, ILeases leases) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(leases is { IsOn: true, Trouble: { } trouble }
            ? HealthCheckResult.Degraded($"Redis: leases can be neither got nor renewed ({trouble})")
            : redis.IsConnected ? HealthCheckResult.Healthy("Redis answers")
            : HealthCheckResult.Degraded("Redis is away: states of chunks are not recorded, chunks still flow"));
}
