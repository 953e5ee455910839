using System.Text.Json.Nodes;
using Crispy.Contracts;
using Google.Cloud.Storage.V1;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Retaining;

/// <summary>What the bucket's own rules delete, remembered for a while. Who may not read the bucket itself does not know.</summary>
internal sealed class BucketRules(StorageClient storage, ArchiveOptions options, TimeProvider time, ILogger<BucketRules> logger)
    : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _asking = new(1);
    private (DateTimeOffset At, JsonArray? Rules)? _known;

    /// <summary>After how many days the video of a stream is deleted; null where that is not known.</summary>
    public async Task<RetentionPeriod?> VideoAsync(string stream, CancellationToken cancellation) =>
        await ReadAsync(cancellation).ConfigureAwait(false) is { } rules ? LifecycleRules.VideoOf(rules, stream) : null;

    /// <summary>All rules; null where they are not known.</summary>
    public async Task<JsonArray?> ReadAsync(CancellationToken cancellation)
    {
        if (Known() is { } known) return known.Rules;
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Known() is { } meanwhile) return meanwhile.Rules;
            var rules = await AskAsync(cancellation).ConfigureAwait(false);
            _known = (time.GetUtcNow(), rules);
            return rules;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Sets the rules that carry a retention out. Only an emulator takes them from here: in the cloud nobody who shows recordings
    /// may have them deleted.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="HttpRequestException">The bucket does not answer, or refuses.</exception>
    public async Task<bool> CarryOutAsync(Func<JsonArray, RetentionPlan> plan, CancellationToken cancellation)
    {
        if (options.Emulator is null) return false;
        var lifecycle = new BucketLifecycle(storage, options.Bucket);
        var present = await lifecycle.ReadAsync(cancellation).ConfigureAwait(false);
        var change = LifecycleChange.Of(present.Rules, plan(present.Rules).Rules());
        if (!change.IsAny) return false;
        await lifecycle.WriteAsync(change.Rules, present.Metageneration, cancellation).ConfigureAwait(false);
        _known = null;
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _asking.Dispose();

    private (DateTimeOffset At, JsonArray? Rules)? Known() => _known is { } known && time.GetUtcNow() - known.At < Kept ? known : null;

    private async Task<JsonArray?> AskAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return (await new BucketLifecycle(storage, options.Bucket).ReadAsync(either.Token).ConfigureAwait(false)).Rules;
        }
        catch (Exception away) when (away is HttpRequestException or IOException or TokenResponseException
            || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Log.RulesUnknown(logger, away.Message);
            return null;
        }
    }
}
