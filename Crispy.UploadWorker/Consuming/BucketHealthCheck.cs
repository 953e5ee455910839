using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.UploadWorker.Consuming;

/// <summary>
/// Red while the bucket cannot be reached. It asks the bucket itself: while no chunk comes, no upload tells. After an upload that failed
/// it asks by the request of an upload, since reading may work where writing does not.
/// </summary>
internal sealed class BucketHealthCheck(BucketClient bucket, WorkerCondition condition, TimeProvider time) : IHealthCheck, IDisposable
{
    // Probes give up after 5 seconds, and several may ask at a time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _asking = new(1);
    private (long At, string? Problem)? _answer;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_answer is not { } known || time.GetElapsedTime(known.At) >= Remembered)
            {
                var problem = await AskAsync(cancellationToken);
                known = (time.GetTimestamp(), problem);
                _answer = known;
            }
            return known.Problem is null ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"the bucket cannot be reached: {known.Problem}");
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _asking.Dispose();

    private async Task<string?> AskAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            if (condition.LastFailure is { } failed) await bucket.ProbeAsync(failed.Object, either.Token);
            else await bucket.ReachAsync(either.Token);
            condition.LastFailure = null;
            return null;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds:0} s";
        }
#pragma warning disable CA1031 // Whatever it is, it is the answer.
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return Failure.Of(failure).Error;
        }
    }
}
