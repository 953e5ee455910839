using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Incoming;
using Microsoft.Extensions.Options;
using Polly;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Brings one chunk that the spool holds into the bucket, verified, and removes it from the spool.</summary>
internal sealed class ChunkUploader
{
    /// <summary>How often a message waits for a file that the spool does not show.</summary>
    private const int TriesToSee = 2;

    private readonly BucketClient _bucket;
    private readonly BucketWatch _watch;
    private readonly UploadSpool _spool;
    private readonly StateReporter _states;
    private readonly UploadTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<ChunkUploader> _log;
    private readonly ResiliencePipeline _inPlace;

    public ChunkUploader(BucketClient bucket, BucketWatch watch, UploadSpool spool, StateReporter states, UploadTelemetry telemetry,
        IOptions<UploadOptions> options, TimeProvider time, ILogger<ChunkUploader> log)
    {
        (_bucket, _watch, _spool, _states, _telemetry, _time, _log) = (bucket, watch, spool, states, telemetry, time, log);
        _inPlace = InPlaceRetry.Build(options.Value, time, () => telemetry.Retried("place"));
    }

    /// <summary>Uploads a chunk, with retries in place.</summary>
    /// <param name="chunk">As its message brings it, the same as the spool holds.</param>
    /// <param name="held">As the spool holds it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">Cancelled: nothing is known of the outcome,
    /// and the message must come again.</exception>
    public async Task<Verdict> UploadAsync(IncomingChunk chunk, SpooledChunk held, CancellationToken cancellation)
    {
        using var activity = UploadTelemetry.StartUpload(chunk.Traceparent);
        activity?.SetTag("crispy.chunk", chunk.Manifest.Chunk).SetTag("crispy.size", chunk.Manifest.Size);
        var start = _time.GetTimestamp();
        Verdict? verdict = null;
        _telemetry.Started();
        try
        {
            Report(chunk, ChunkState.Uploading);
            Failpoint.Pass("message-taken");
            verdict = await TryUploadAsync(chunk, held, activity?.Id ?? chunk.Traceparent, cancellation);
            return verdict;
        }
        finally
        {
            _telemetry.Ended(verdict, _time.GetElapsedTime(start), verdict is Verdict.Stored ? chunk.Manifest.Size : 0);
            if (verdict is not (Verdict.Stored or Verdict.Lost)) activity?.SetStatus(ActivityStatusCode.Error, verdict?.ToString());
        }
    }

    /// <summary>What is to become of a message whose chunk does not lie ready. It is believed in nothing:
    /// neither spool nor states change.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: the message must come again.</exception>
    public async Task<Verdict> JudgeAbsentAsync(IncomingChunk chunk, CancellationToken cancellation)
    {
        switch (_spool.WhereIs(chunk.Id, chunk.ManifestBytes))
        {
            case Whereabouts.Stored: return new Verdict.Settled();
            case Whereabouts.Lost: return new Verdict.Lost();
            case Whereabouts.Dead when _spool.ReasonDead(chunk.Id) is { } before: return new Verdict.NotHeld(before.Reason, before.Error);
        }
        try
        {
            return await _inPlace.ExecuteAsync(async token => await FindInBucketAsync(chunk, token), cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return Judge(chunk, failure);
        }
    }

    private async Task<Verdict> FindInBucketAsync(IncomingChunk chunk, CancellationToken cancellation)
    {
        var manifest = chunk.Manifest;
        if (await _bucket.FindAsync(manifest.Object, cancellation) is { } found && found.Crc32c == manifest.Crc32c)
            return new Verdict.Settled();
        if (await IsLossInBucketAsync(manifest, cancellation)) return new Verdict.Lost();
        return Absent(chunk.Retries, "the spool holds no chunk of this id, and the bucket does not hold its object");
    }

    /// <summary>The verdict on a message that hints at nothing: a shared volume may show a file later than the message comes.</summary>
    public static Verdict Absent(long retries, string error) =>
        retries < TriesToSee ? new Verdict.Later(error, null) : new Verdict.NotHeld(DeadReason.Missing, error);

    private async Task<bool> IsLossInBucketAsync(ChunkManifest manifest, CancellationToken cancellation) =>
        await _bucket.FindAsync(new LossObjectName(manifest.Stream, manifest.From, manifest.Sequence).ToString(), cancellation) is not null;

    private async Task<Verdict> TryUploadAsync(IncomingChunk chunk, SpooledChunk held, string? traceparent, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        _watch.Began(chunk.Manifest.Object);
        try
        {
            var metadata = ChunkMetadata.For(chunk.Manifest, chunk.ManifestBytes, chunk.Signature, traceparent);
            var mayBeThere = chunk.Retries > 0;
            var stored = await _inPlace.ExecuteAsync(async token =>
            {
                // An attempt whose answer was lost may have stored the chunk: asking costs less than sending it again.
                var found = mayBeThere ? await FindSameAsync(chunk, token) : null;
                mayBeThere = true;
                return found ?? await StoreAsync(chunk, held, metadata, token);
            }, cancellation);
            _watch.Stored();
            Failpoint.Pass("object-stored");
            Report(chunk, ChunkState.Stored, stored.Generation);
            Failpoint.Pass("stored-reported");
            _spool.MarkStored(held, held.Manifest.Object, stored.Crc32c);
            Failpoint.Pass("chunk-removed");
            return new Verdict.Stored();
        }
        catch (ChunkLostException)
        {
            _log.ChunkDeclaredLost(chunk.Manifest.Chunk);
            return new Verdict.Lost();
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            if (Failure.Of(failure).Kind != FailureKind.Permanent) Failed(BucketTrouble.Of(failure), chunk.Manifest.Object, began);
            return Judge(chunk, failure);
        }
    }

    private async Task<StoredObject> StoreAsync(IncomingChunk chunk, SpooledChunk held, Dictionary<string, string> metadata,
        CancellationToken cancellation)
    {
        var manifest = chunk.Manifest;
        await using var file = _spool.Open(held);
        if (file is null) return await FindSameAsync(chunk, cancellation) ?? throw await MissingAsync(chunk, cancellation);
        try
        {
            var stored = await _bucket.TryCreateAsync(manifest, metadata, file, cancellation);
            if (stored is null)
                return await FindSameAsync(chunk, cancellation) ?? throw new IOException($"{manifest.Object} was there and then was not");
            if (stored.Crc32c != manifest.Crc32c) stored = await AskAgainAsync(manifest, file.Name, stored, cancellation);
            _log.ChunkStored(manifest.Chunk, manifest.Object, stored.Generation);
            return stored;
        }
        catch (BucketException refused) when (refused.IsChecksumMismatch)
        {
            // Its SHA-256 was right, so if the file has the promised CRC32C the line is at fault, and another attempt repairs it.
            var found = Crc32C.OfFile(file.Name);
            throw found == manifest.Crc32c
                ? new IOException(refused.Message, refused)
                : new ChunkDeadException(DeadReason.Damaged, $"the file's CRC32C is {found}, the manifest's {manifest.Crc32c}");
        }
    }

    /// <summary>The object of this chunk, if the bucket holds one; with other bytes it is not touched.</summary>
    private async Task<StoredObject?> FindSameAsync(IncomingChunk chunk, CancellationToken cancellation)
    {
        var manifest = chunk.Manifest;
        var found = await _bucket.FindAsync(manifest.Object, cancellation);
        if (found is null) return null;
        if (found.Crc32c != manifest.Crc32c)
            throw new ChunkDeadException(DeadReason.Conflict,
                $"{manifest.Object} exists with CRC32C {found.Crc32c}, the manifest says {manifest.Crc32c}: nothing was overwritten");
        _log.ChunkStoredBefore(manifest.Chunk, manifest.Object, found.Generation);
        return found;
    }

    // The declaration of a loss moves from the spool to the bucket, so it is looked for in that order.
    private async Task<Exception> MissingAsync(IncomingChunk chunk, CancellationToken cancellation)
    {
        var manifest = chunk.Manifest;
        if (_spool.IsDeclaredLost(chunk.Id)) return new ChunkLostException();
        if (_spool.ReasonDead(chunk.Id) is { } before) return new ChunkDeadException(before.Reason, before.Error);
        return await IsLossInBucketAsync(manifest, cancellation)
            ? new ChunkLostException()
            : new ChunkDeadException(DeadReason.Missing, "the file is missing, and the bucket does not hold it");
    }

    /// <summary>After a success with a wrong CRC32C: asks once more, in case only the answer was garbled. A wrong object must not stay in
    /// the bucket as a good one. It is deleted, and another attempt repairs it if the file is the right one.</summary>
    private async Task<StoredObject> AskAgainAsync(ChunkManifest manifest, string file, StoredObject wrong, CancellationToken cancellation)
    {
        if (await _bucket.FindAsync(manifest.Object, cancellation) is { } found && found.Crc32c == manifest.Crc32c) return found;
        await _bucket.DeleteAsync(manifest.Object, wrong.Generation, cancellation);
        var own = Crc32C.OfFile(file);
        throw own == manifest.Crc32c
            ? new IOException($"the bucket stored CRC32C {wrong.Crc32c}, the manifest says {manifest.Crc32c}: the object was deleted again")
            : new ChunkDeadException(DeadReason.Damaged,
                $"the file's CRC32C is {own}, the manifest's {manifest.Crc32c}: the object was deleted again");
    }

    private Verdict Judge(IncomingChunk chunk, Exception exception)
    {
        var failure = Failure.Of(exception);
        if (!failure.Expected) _log.Unexpected(chunk.Manifest.Chunk, exception);
        return Verdict.Of(exception);
    }

    private void Failed(BucketTrouble trouble, string name, long began)
    {
        _watch.UploadFailed(trouble, name, began);
        _telemetry.Failed(trouble.Kind);
    }

    private void Report(IncomingChunk chunk, ChunkState state, long? generation = null) =>
        _states.Report(new(chunk.Id, state, _time.GetUtcNow(), chunk.Manifest.Object, generation));
}
