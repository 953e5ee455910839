using System.Net;
using CloudNative.CloudEvents;
using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Verifying;
using Google;
using Google.Cloud.Functions.Framework;
using Google.Cloud.Functions.Hosting;
using Google.Cloud.Storage.V1;

namespace Crispy.ChunkLogger;

/// <summary>The Cloud Function: for each finalized chunk, and for each loss record, one log entry, however often its event comes. What fails is thrown, so that the
/// event comes again; what is not for us, or will never be readable, is acknowledged.</summary>
[FunctionsStartup(typeof(Startup))]
internal sealed class Function(
    ChunkLoggerOptions settings, RememberedObjects remembered, ChunkRecorder recorder, LossRecorder losses, StorageClient storage, LastAttempt lastAttempt, Metrics metrics, TimeProvider time, ILogger<Function> logger) : ICloudEventFunction
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
            Log.LoggingFailed(logger, stored.Bucket, stored.Name, stored.Generation, failure.Message);
            throw;
        }
    }

    private StoredObject? Filter(CloudEvent cloudEvent)
    {
        try
        {
            var stored = FinalizedEvent.Find(cloudEvent, out var ignored);
            if (stored is not null && (settings.Bucket is null || stored.Bucket == settings.Bucket)) return stored;
            if (stored is not null) ignored = $"bucket {stored.Bucket}";
            metrics.Ignored("other event");
            Log.EventIgnored(logger, cloudEvent.Id, ignored);
        }
        catch (FormatException malformed)
        {
            metrics.Ignored("malformed");
            Log.EventMalformed(logger, cloudEvent.Id, malformed.Message);
        }
        return null;
    }

    private async Task RecordAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        if (stored.Metadata is null) stored = await CompleteAsync(stored, cancellationToken);
        if (LossReport.IsLoss(stored))
        {
            losses.Record(stored);
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
