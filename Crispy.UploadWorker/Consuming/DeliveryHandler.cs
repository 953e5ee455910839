using Crispy.Coordination;
using Crispy.Spool;
using Crispy.UploadWorker.Incoming;
using Crispy.UploadWorker.Uploading;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Crispy.UploadWorker.Consuming;

/// <summary>
/// Takes one message to its end: uploaded, delayed, buried or returned. A message is acknowledged only when the bucket, or another
/// queue by a confirmed publish, holds what it stands for.
/// </summary>
internal sealed class DeliveryHandler(ChunkUploader uploader, LossUploader losses, Rerouter rerouter, UploadSpool spool,
    StateReporter states, UploadTelemetry telemetry, WorkerCondition condition,
    BucketClient bucket, TimeProvider time, ILogger<DeliveryHandler> log)
{
    // A broker that refuses a publish gets the message back, and would deliver it again at once.
    private static readonly TimeSpan PauseBeforeReturn = TimeSpan.FromSeconds(1);

    /// <summary>Handles one message; does not throw.</summary>
    /// <param name="channel">The channel that delivered it.</param>
    /// <param name="tag">Its delivery tag.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="body">Its body, valid until this returns.</param>
    /// <param name="cancellation">Gives up: the message stays unacknowledged, and comes again when the channel closes.</param>
    /// <returns>Whether the bucket was asked at all, and did not refuse.</returns>
    public async Task<bool> HandleAsync(IChannel channel, ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellation)
    {
        try
        {
            var accepted = ChunkMessage.IsLoss(properties)
                ? await DecideLossAsync(channel, tag, properties, body, cancellation)
                : await DecideAsync(channel, tag, properties, body, cancellation);
            if (accepted && condition.Accept()) log.UploadsAccepted(bucket.Name);
            return accepted;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // For any failure the message is not acknowledged, and the other uploads go on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            log.MessageLeft(properties.MessageId ?? "", failure.Message);
            await ReturnAsync(channel, tag, cancellation);
            return false;
        }
    }

    private async Task<bool> DecideAsync(IChannel channel, ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellation)
    {
        var (chunk, held) = Look(() => IncomingChunk.Read(properties, body.Span), each => spool.Find(each.Id), out var verdict);
        var isForged = held is not null && !chunk!.Is(held);
        if (isForged)
        {
            // The hint is good even so: who took the true message away would else keep the chunk from the bucket.
            await BuryMessageAsync(properties, body, new(DeadReason.Invalid, "it differs from the manifest in the spool"), cancellation);
            chunk = IncomingChunk.Of(held!);
            (properties, body) = (ChunkMessage.Properties(held!.Manifest, held.Signature, held.Manifest.Traceparent), held.ManifestBytes);
        }
        verdict ??= held is null
            ? await uploader.JudgeAbsentAsync(chunk!, cancellation)
            : await uploader.UploadAsync(chunk!, held, cancellation);
        switch (verdict)
        {
            case Verdict.NotHeld alone:
                await BuryMessageAsync(properties, body, alone, cancellation);
                break;
            case Verdict.Dead dead:
                await BuryAsync(chunk!, held!, dead, properties, body, cancellation);
                break;
            case Verdict.Later later:
                await DelayAsync(chunk!, held, later.Reason, later.NotBefore, properties, body, cancellation);
                break;
            case Verdict.Refused refused:
                Refuse(new(refused.Reason, chunk!.Manifest.Object));
                if (refused.MayBeThisChunk || isForged) await DelayAsync(chunk, held, refused.Reason, null, properties, body, cancellation);
                else
                {
                    if (held is not null) states.Report(Move(chunk, ChunkState.Retrying, refused.Reason));
                    await channel.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None);
                    return false;
                }
                break;
        }
        await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None);
        Failpoint.Pass("message-acknowledged");
        return verdict is Verdict.Stored;
    }

    // The spool is the truth: a message only says where to look.
    private static (TMessage? Message, THeld? Held) Look<TMessage, THeld>(Func<TMessage> read,
        Func<TMessage, THeld?> find, out Verdict? verdict)
        where TMessage : class where THeld : class
    {
        verdict = null;
        TMessage? message = null;
        try
        {
            message = read();
            return (message, find(message));
        }
        catch (FormatException invalid)
        {
            verdict = new Verdict.NotHeld(DeadReason.Invalid, invalid.Message);
        }
        catch (ChunkDeadException link)
        {
            verdict = new Verdict.NotHeld(link.Reason, link.Message);
        }
        return (message, null);
    }

    private async Task<bool> DecideLossAsync(IChannel channel, ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellation)
    {
        var (loss, held) = Look(() => IncomingLoss.Read(properties, body.Span), each => spool.FindLoss(each.Id), out var verdict);
        if (held is not null && !loss!.Is(held))
        {
            await BuryMessageAsync(properties, body, new(DeadReason.Invalid, "it differs from the loss record in the spool"), cancellation);
            (properties, body) = (ChunkMessage.Properties(held.Record, held.Signature, held.Record.Traceparent), held.Bytes);
        }
        verdict ??= held is null ? await losses.JudgeAbsentAsync(loss!, cancellation) : await losses.UploadAsync(held, cancellation);
        switch (verdict)
        {
            case Verdict.NotHeld alone:
                await BuryMessageAsync(properties, body, alone, cancellation);
                break;
            case Verdict.Dead dead:
                await rerouter.BuryAsync(properties, body, dead.Reason, dead.Error, cancellation);
                if (held is not null) spool.BuryLoss(held);
                telemetry.DeadLettered(dead.Reason);
                log.LossDead(properties.MessageId ?? "", dead.Error);
                break;
            case Verdict.Refused refused:
                if (held is not null) Refuse(new(refused.Reason, held.Record.Object));
                await DelayLossAsync(properties, body, refused.Reason, null, cancellation);
                break;
            case Verdict.Later later:
                await DelayLossAsync(properties, body, later.Reason, later.NotBefore, cancellation);
                break;
        }
        await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None);
        return verdict is Verdict.Stored;
    }

    private async Task DelayLossAsync(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, string reason, TimeSpan? notBefore,
        CancellationToken cancellation)
    {
        var delay = await rerouter.DelayAsync(properties, body, notBefore, cancellation);
        telemetry.Retried("queue");
        log.ChunkDelayed(properties.MessageId ?? "", delay, reason);
    }

    private async Task DelayAsync(IncomingChunk chunk, SpooledChunk? held, string reason, TimeSpan? notBefore,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (held is not null) states.Report(Move(chunk, ChunkState.Retrying, reason));
        var delay = await rerouter.DelayAsync(properties, body, notBefore, cancellation);
        telemetry.Retried("queue");
        log.ChunkDelayed(chunk.Manifest.Chunk, delay, reason);
    }

    // Put aside first, buried second, acknowledged third. After a crash in between the message comes again, finds the reason beside the
    // chunk that was put aside, and is buried with it. A spool that cannot be written to delays this, and makes no second letter.
    private async Task BuryAsync(IncomingChunk chunk, SpooledChunk held, Verdict.Dead dead, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!spool.Bury(held, dead.Reason, dead.Error)) log.ChunkLeftInPlace(chunk.Manifest.Chunk);
        await rerouter.BuryAsync(properties, body, dead.Reason, dead.Error, cancellation);
        states.Report(Move(chunk, ChunkState.Dead, dead.Error));
        telemetry.DeadLettered(dead.Reason);
        log.ChunkDead(chunk.Manifest.Chunk, dead.Reason, dead.Error);
    }

    private async Task BuryMessageAsync(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, Verdict.NotHeld alone,
        CancellationToken cancellation)
    {
        log.MessageInvalid(body.Length, properties.MessageId ?? "", alone.Error);
        await rerouter.BuryAsync(properties, body, alone.Reason, alone.Error, cancellation);
        telemetry.DeadLettered(alone.Reason);
    }

    private void Refuse(Refusal refusal)
    {
        if (condition.Refuse(refusal)) log.UploadsRefused(bucket.Name, refusal.Reason);
    }

    private async Task ReturnAsync(IChannel channel, ulong tag, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(PauseBeforeReturn, time, cancellation);
            await channel.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None);
        }
        catch (Exception gone)
            when (gone is OperationCanceledException or AlreadyClosedException or OperationInterruptedException
                or ObjectDisposedException or IOException)
        {
            // Without its channel the message returns by itself.
        }
    }

    private ChunkMove Move(IncomingChunk chunk, ChunkState state, string reason) =>
        new(chunk.Id, state, time.GetUtcNow(), chunk.Manifest.Object, Error: reason);
}
