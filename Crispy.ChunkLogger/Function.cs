using System.Net;
using CloudNative.CloudEvents;
using Crispy.ChunkLogger.Calling;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Verifying;
using Google;
using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger;

/// <summary>The Cloud Function: for each finalized chunk, and for each loss record, one log entry, however often its event comes. What fails is thrown, so that the
/// event comes again; what is not for us is acknowledged; what can never be read is refused once, so that it is seen, and then acknowledged.</summary>
[FunctionsStartup(typeof(Startup))]
internal sealed class Function(
    ChunkLoggerOptions settings, RememberedObjects remembered, ChunkRecorder recorder, LossRecorder losses, StorageClient storage, LastAttempt lastAttempt, SeenOnce seen,
    Metrics metrics, TimeProvider time, ILogger<Function> logger) : ICloudEventFunction
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    public async Task HandleAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        if (Filter(cloudEvent) is not { } stored) return;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (!await remembered.OnceAsync(stored.Identity, () => RecordAsync(stored, either.Token), either.Token))
            {
                metrics.Ignored("duplicate");
                Log.AlreadyLogged(logger, stored.Bucket, stored.Name, stored.Generation);
            }
            lastAttempt.Succeeded();
        }
        catch (GoogleApiException gone) when (gone.HttpStatusCode == HttpStatusCode.NotFound)
        {
            metrics.Ignored("gone");
            Log.ObjectGone(logger, stored.Bucket, stored.Name, stored.Generation);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Failed();
            lastAttempt.Failed(failure.Message);
            if (failure is RefusedCallException { IsTransient: false }) Log.CallRefused(logger, stored.Bucket, stored.Name, stored.Generation, failure.Message);
            else Log.LoggingFailed(logger, stored.Bucket, stored.Name, stored.Generation, failure.Message);
            throw;
        }
    }

    private StoredObject? Filter(CloudEvent cloudEvent)
    {
        try
        {
            if (FinalizedEvent.Find(cloudEvent, out var ignored) is not { } stored)
            {
                metrics.Ignored("other event");
                Log.EventIgnored(logger, cloudEvent.Id, ignored);
                return null;
            }
            if (settings.Bucket is null || stored.Bucket == settings.Bucket) return stored;
            metrics.Ignored("other bucket");
            if (seen.Buckets.Add(stored.Bucket)) Log.OtherBucket(logger, stored.Bucket, settings.Bucket);
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

    private async Task RecordAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        if (stored.Metadata is null) stored = await CompleteAsync(stored, cancellationToken);
        if (LossReport.IsLoss(stored))
        {
            await losses.RecordAsync(stored, cancellationToken);
            return;
        }
        if (ChunkReport.IsChunk(stored))
        {
            await recorder.RecordAsync(stored, cancellationToken);
            return;
        }
        metrics.Ignored("not a chunk");
        Log.NotAChunk(logger, stored.Bucket, stored.Name);
    }

    /// <summary>Asks the bucket for what the event did not carry.</summary>
    private async Task<StoredObject> CompleteAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var resource = await storage.GetObjectAsync(stored.Bucket, stored.Name, new() { Generation = stored.Generation }, cancellationToken);
        return stored with
        {
            Size = (long?)resource.Size,
            Crc32c = resource.Crc32c,
            MediaLink = resource.MediaLink,
            Metadata = resource.Metadata ?? new Dictionary<string, string>(),
        };
    }
}
