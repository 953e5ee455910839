using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Incoming;
using Microsoft.Extensions.Options;
using Polly;

namespace Crispy.UploadWorker.Uploading;

/// <summary>Brings a loss record into the bucket with the guarantees of a chunk. But where the bucket turns out to hold the chunk itself,
/// the declaration is taken back instead. That happens when a worker died between storing the chunk and saying so.</summary>
internal sealed class LossUploader
{
    private readonly BucketClient _bucket;
    private readonly BucketWatch _watch;
    private readonly UploadSpool _spool;
    private readonly StateReporter _states;
    private readonly UploadTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<LossUploader> _log;
    private readonly ResiliencePipeline _inPlace;

    public LossUploader(BucketClient bucket, BucketWatch watch, UploadSpool spool, StateReporter states, UploadTelemetry telemetry,
        IOptions<UploadOptions> options, TimeProvider time, ILogger<LossUploader> log)
    {
        (_bucket, _watch, _spool, _states, _telemetry, _time, _log) = (bucket, watch, spool, states, telemetry, time, log);
        _inPlace = InPlaceRetry.Build(options.Value, time, () => telemetry.Retried("place"));
    }

    /// <summary>Uploads a record that the spool holds, with retries in place.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: the message must come again.</exception>
    public async Task<Verdict> UploadAsync(SpooledLoss loss, CancellationToken cancellation)
    {
        using var activity = UploadTelemetry.StartUpload(loss.Record.Traceparent);
        activity?.SetTag("crispy.chunk", loss.Record.Chunk).SetTag("crispy.loss", loss.Record.Reason);
        var began = _time.GetTimestamp();
        _watch.Began(loss.Record.Object);
        try
        {
            var metadata = LossMetadata.For(loss.Record, loss.Bytes, loss.Signature, activity?.Id ?? loss.Record.Traceparent);
            await _inPlace.ExecuteAsync(async token => await StoreAsync(loss, metadata, token), cancellation);
            _watch.Stored();
            return new Verdict.Stored();
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            if (Failure.Of(failure).Kind != FailureKind.Permanent) Failed(BucketTrouble.Of(failure), loss.Record.Object, began);
            return Verdict.Of(failure);
        }
    }

    /// <summary>What is to become of a message whose record does not lie ready. It is believed in nothing: nothing changes.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: the message must come again.</exception>
    public async Task<Verdict> JudgeAbsentAsync(IncomingLoss loss, CancellationToken cancellation)
    {
        try
        {
            return await _inPlace.ExecuteAsync(async token => await FindInBucketAsync(loss, token), cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return Verdict.Of(failure);
        }
    }

    private async Task<Verdict> FindInBucketAsync(IncomingLoss loss, CancellationToken cancellation)
    {
        if (await _bucket.FindAsync(loss.Record.Object, cancellation) is { } record && record.Crc32c == Checksum(loss.Bytes))
            return new Verdict.Settled();
        if (loss.Record.Manifest is { } lost && await _bucket.FindAsync(lost.Object, cancellation) is { } chunk
            && chunk.Crc32c == lost.Crc32c)
            return new Verdict.Settled();
        return ChunkUploader.Absent(loss.Retries, "the spool holds no loss record of this chunk, and the bucket does not hold it");
    }

    private async Task StoreAsync(SpooledLoss loss, Dictionary<string, string> metadata, CancellationToken cancellation)
    {
        var (record, name, crc32c) = (loss.Record, loss.Record.Object, Checksum(loss.Bytes));
        ChunkId id = new(record.Stream, record.Epoch, record.Sequence);
        if (record.Manifest is { } lost && await _bucket.FindAsync(lost.Object, cancellation) is { } found && found.Crc32c == lost.Crc32c)
        {
            _spool.TakeLossBack(loss, lost.Object, found.Crc32c);
            _states.Report(new(id, ChunkState.Stored, _time.GetUtcNow(), lost.Object, found.Generation));
            _log.LossRecalled(record.Chunk, lost.Object, found.Generation);
            return;
        }
        await using var file = _spool.OpenLoss(loss);
        var stored = file is null ? null
            : await _bucket.TryCreateAsync(new NewObject(name, "application/json", crc32c,
                Convert.ToHexStringLower(SHA256.HashData(loss.Bytes)), record.From),
                metadata, file, cancellation);
        var there = stored ?? await _bucket.FindAsync(name, cancellation) ?? throw new IOException($"{name} was there and then was not");
        if (there.Crc32c != crc32c)
            throw new ChunkDeadException(DeadReason.Conflict,
                $"{name} exists with CRC32C {there.Crc32c}, the loss record has {crc32c}: nothing was overwritten");
        if (stored is not null) _log.LossStored(record.Chunk, name, stored.Generation, record.Reason);
        // A segment that never was a chunk has no state.
        if (record.Manifest is not null) _states.Report(new(id, ChunkState.Lost, _time.GetUtcNow()));
        _spool.MarkLossStored(loss, name, there.Crc32c);
    }

    private void Failed(BucketTrouble trouble, string name, long began)
    {
        _watch.UploadFailed(trouble, name, began);
        _telemetry.Failed(trouble.Kind);
    }

    private static string Checksum(byte[] bytes) => Crc32C.Of(bytes);
}
