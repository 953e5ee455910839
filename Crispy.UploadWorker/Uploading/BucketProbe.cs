using Microsoft.Extensions.Options;

namespace Crispy.UploadWorker.Uploading;

/// <summary>
/// Asks the bucket whether it can be used while no upload tells. So its state is known also when no chunk waits, and when it comes back.
/// After an upload that failed, or while one takes long, it asks by the request of an upload: reading may work where writing does not.
/// </summary>
internal sealed class BucketProbe(BucketClient bucket, BucketWatch watch, WorkerCondition condition, IOptions<UploadOptions> options,
    TimeProvider time, ILogger<BucketProbe> log) : BackgroundService
{
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private int _told = -1;

    // While uploads are refused the consumer tries one now and then, and asks here where there is none.
    private bool UploadsAsk => condition is { Refusal: not null, BrokerProblem: null };

    /// <summary>Asks once, with limited patience; does not throw.</summary>
    public async Task AskAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        try
        {
            var name = condition.Refusal?.Object ?? watch.Unproven;
            await AskInTimeAsync(name, cancellation);
            watch.ProbePassed(byUpload: name is not null);
            if (condition.Accept()) log.UploadsAccepted(bucket.Name);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop.
        }
#pragma warning disable CA1031 // Any failure is an answer, and the next probe asks again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            watch.ProbeFailed(BucketTrouble.Of(failure), began);
            if (condition.Refusal is { } refusal && Failure.Of(failure) is { Kind: FailureKind.Configuration } still
                && condition.Refuse(refusal with { Reason = still.Error })) log.UploadsRefused(bucket.Name, still.Error);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        watch.Changed += Tell;
        try
        {
            await AskNowAndThenAsync(stoppingToken);
        }
        finally
        {
            watch.Changed -= Tell;
        }
    }

    // Once when it goes and once when it is back, however the reason changes meanwhile.
    private void Tell()
    {
        if (watch.View is not { } view || Interlocked.Exchange(ref _told, view.Well ? 1 : 0) == (view.Well ? 1 : 0)) return;
        if (view.Reason is { } reason) log.BucketAway(bucket.Name, reason);
        else log.BucketWell(bucket.Name);
    }

    private async Task AskNowAndThenAsync(CancellationToken stoppingToken)
    {
        var pause = options.Value.ProbeInterval < LongestQuiet ? options.Value.ProbeInterval : LongestQuiet;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (watch.NeedsProbe(pause) && !UploadsAsk)
            {
                await AskAsync(stoppingToken);
                if (watch.IsInDoubt) await AskAsync(stoppingToken);
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskInTimeAsync(string? name, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            if (name is not null) await bucket.ProbeAsync(name, either.Token);
            else await bucket.ReachAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {Patience.TotalSeconds:0} s");
        }
    }
}
