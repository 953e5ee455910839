using Polly;
using Polly.Retry;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Retries of transient failures while the chunk is held: exponential backoff with full jitter,
/// or as long as the server asks.</summary>
internal static class InPlaceRetry
{
    public static ResiliencePipeline Build(UploadOptions options, TimeProvider time, Action onRetry) => options.RetriesInPlace == 0
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = options.RetriesInPlace,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is { } exception && !arguments.Context.CancellationToken.IsCancellationRequested
                    && IsWorthIt(exception, options)),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                Failure.Of(arguments.Outcome.Exception!).RetryAfter ?? FullJitter(options, arguments.AttemptNumber)),
            OnRetry = _ =>
            {
                onRetry();
                return default;
            },
        }).Build();

    /// <summary>A server that asks for a longer wait than a place is held for sends the chunk to a delay queue. A token that expired on the
    /// way is another one by now.</summary>
    private static bool IsWorthIt(Exception exception, UploadOptions options) => exception is BucketException { TokenRenewed: true }
        || (Failure.Of(exception) is { Kind: FailureKind.Transient, Expected: true } failure
            && !(failure.RetryAfter > options.RetryMaxDelay));

    /// <summary>Uniform between nothing and twice the mean, so that workers that failed together do not come back together.</summary>
    private static TimeSpan FullJitter(UploadOptions options, int attempt)
    {
        var most = Math.Min(options.RetryMaxDelay.TotalSeconds, 2 * options.RetryBaseDelay.TotalSeconds * Math.Pow(2, attempt));
#pragma warning disable CA5394 // Spreads load; guards nothing.
        return TimeSpan.FromSeconds(most * Random.Shared.NextDouble());
#pragma warning restore CA5394
    }
}
