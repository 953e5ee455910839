using Crispy.UploadWorker.Uploading;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Crispy.UploadWorker.Consuming;

/// <summary>Red while the bucket cannot be used, with the reason and since when. It asks nothing itself.</summary>
internal sealed class BucketHealthCheck(BucketWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.View switch
        {
            null => HealthCheckResult.Unhealthy("the bucket was not asked yet"),
            { Well: true } => HealthCheckResult.Healthy("the bucket answers"),
            { } away => HealthCheckResult.Unhealthy($"{away.Reason} Since {away.Since:yyyy-MM-dd HH:mm:ss} UTC."),
        });
}
