using System.Security.Cryptography;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.UploadWorker.Consuming;
using Microsoft.Extensions.Options;
using Polly;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Brings a loss record into the bucket with the guarantees of a chunk, unless the bucket turns out to hold the chunk itself: then the declaration is
/// taken back. That happens when a worker died between storing the chunk and saying so.</summary>
internal sealed class LossUploader
{
    private readonly BucketClient _bucket;
    private readonly LossSpool _spool;
    private readonly StateReporter _states;
    private readonly TimeProvider _time;
    private readonly ILogger<LossUploader> _log;
    private readonly ResiliencePipeline _inPlace;

    public LossUploader(BucketClient bucket, LossSpool spool, StateReporter states, UploadTelemetry telemetry, IOptions<UploadOptions> options, TimeProvider time, ILogger<LossUploader> log)
    {
        (_bucket, _spool, _states, _time, _log) = (bucket, spool, states, time, log);
        _inPlace = InPlaceRetry.Build(options.Value, time, () => telemetry.Retried("place"));
    }

    /// <summary>Uploads a record, with retries in place.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: the message must come again.</exception>
    public async Task<Verdict> UploadAsync(IncomingLoss loss, CancellationToken cancellation)
    {
        using var activity = UploadTelemetry.StartUpload(loss.Record.Traceparent);
        activity?.SetTag("crispy.chunk", loss.Record.Chunk).SetTag("crispy.loss", loss.Record.Reason);
        try
        {
            var metadata = LossMetadata.For(loss.Record, loss.Bytes, loss.Signature, activity?.Id ?? loss.Record.Traceparent);
            await _inPlace.ExecuteAsync(async token => await StoreAsync(loss, metadata, token), cancellation);
            return new Verdict.Stored();
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return Verdict.Of(failure);
        }
    }

    private async Task StoreAsync(IncomingLoss loss, Dictionary<string, string> metadata, CancellationToken cancellation)
    {
        if (loss.Record.Manifest is { } lost && await _bucket.FindAsync(lost.Object, cancellation) is { } found && found.Crc32c == lost.Crc32c)
        {
            _spool.Recall(loss);
            _states.Report(new(loss.Id, ChunkState.Stored, _time.GetUtcNow(), lost.Object, found.Generation));
            _log.LossRecalled(loss.Record.Chunk, lost.Object, found.Generation);
            return;
        }
        await using (var file = _spool.TryOpen(loss))
        {
            var (name, crc32c) = (loss.Record.Object, Crc32C.ToBase64(Crc32C.Append(0, loss.Bytes)));
            var stored = file is null ? null
                : await _bucket.TryCreateAsync(new NewObject(name, "application/json", crc32c, Convert.ToHexStringLower(SHA256.HashData(loss.Bytes))), metadata, file, cancellation);
            var there = stored ?? await _bucket.FindAsync(name, cancellation)
                ?? throw (file is null ? new ChunkDeadException(DeadReason.Missing, "the loss record is missing, and the bucket does not hold it") : new IOException($"{name} was there and then was not"));
            if (there.Crc32c != crc32c) throw new ChunkDeadException(DeadReason.Conflict, $"{name} exists with CRC32C {there.Crc32c}, the loss record has {crc32c}: nothing was overwritten");
            if (stored is not null) _log.LossStored(loss.Record.Chunk, name, stored.Generation, loss.Record.Reason);
        }
        // A segment that never was a chunk has no state.
        if (loss.Record.Manifest is not null) _states.Report(new(loss.Id, ChunkState.Lost, _time.GetUtcNow()));
        _spool.Remove(loss);
    }
}
