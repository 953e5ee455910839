using System.Net;
using CloudNative.CloudEvents;
using Crispy.ChunkLogger.Calling;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Reading;
using Crispy.ChunkLogger.Verifying;
using Google;
using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;

namespace Crispy.ChunkLogger;

/// <summary>The Cloud Function: for each finalized chunk, and for each loss record, one log entry, however often its event comes. What
/// fails is thrown, so that the event comes again. What is not for us is acknowledged. What can never be read is refused once, so that it
/// is seen, and then acknowledged.</summary>
[FunctionsStartup(typeof(Startup))]
internal sealed class Function(
    ChunkLoggerOptions settings, RememberedObjects remembered, ChunkRecorder recorder, LossRecorder losses, ObjectLookup objects,
    LastAttempt lastAttempt, SeenOnce seen,
    Metrics metrics, TimeProvider time, ILogger<Function> logger) : ICloudEventFunction
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    public async Task HandleAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        if (Filter(cloudEvent) is not { } hint) return;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (!await remembered.OnceAsync(hint.Identity, () => RecordAsync(hint, either.Token), either.Token))
            {
                metrics.Ignored("duplicate");
                Log.AlreadyLogged(logger, hint.Bucket, hint.Name, hint.Generation);
            }
            lastAttempt.Succeeded();
        }
        catch (GoogleApiException gone) when (gone.HttpStatusCode == HttpStatusCode.NotFound)
        {
            metrics.Ignored("gone");
            Log.ObjectGone(logger, hint.Bucket, hint.Name, hint.Generation);
        }
        catch (NotAChunkException)
        {
            metrics.Ignored("not a chunk");
            Log.NotAChunk(logger, hint.Bucket, hint.Name);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Failed();
            lastAttempt.Failed(failure.Message);
            if (failure is RefusedCallException { IsTransient: false })
                Log.CallRefused(logger, hint.Bucket, hint.Name, hint.Generation, failure.Message);
            else Log.LoggingFailed(logger, hint.Bucket, hint.Name, hint.Generation, failure.Message);
            throw;
        }
    }

    private ObjectHint? Filter(CloudEvent cloudEvent)
    {
        try
        {
            if (FinalizedEvent.Find(cloudEvent, out var ignored) is not { } hint)
            {
                metrics.Ignored("other event");
                Log.EventIgnored(logger, cloudEvent.Id, ignored);
                return null;
            }
            if (settings.Bucket is null || hint.Bucket == settings.Bucket) return hint;
            metrics.Ignored("other bucket");
            if (seen.Buckets.Add(hint.Bucket)) Log.OtherBucket(logger, hint.Bucket, settings.Bucket);
        }
        catch (FormatException malformed)
        {
            metrics.Ignored("malformed");
            if (seen.MalformedEvents.Add(cloudEvent.Id ?? ""))
            {
                Log.EventMalformed(logger, cloudEvent.Id, malformed.Message);
                throw new MalformedEventException(malformed.Message, malformed);
            }
            Log.MalformedAgain(logger, cloudEvent.Id);
        }
        return null;
    }

    /// <summary>Writes the entry of what the bucket holds under the name that the event gave.</summary>
    private async Task RecordAsync(ObjectHint hint, CancellationToken cancellationToken)
    {
        var stored = await objects.FindAsync(hint, cancellationToken);
        if (LossReport.IsLoss(stored)) await losses.RecordAsync(stored, cancellationToken);
        else if (ChunkReport.IsChunk(stored)) await recorder.RecordAsync(stored, cancellationToken);
        else throw new NotAChunkException();
    }

    /// <summary>The object is none of ours: nothing was written, so nothing is remembered.</summary>
    private sealed class NotAChunkException : Exception;
}
