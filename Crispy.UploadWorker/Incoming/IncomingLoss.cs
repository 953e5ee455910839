using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.UploadWorker.Incoming;

/// <summary>A loss record as a message brings it: a hint, believed only where the spool holds the same.</summary>
/// <param name="Id">The lost chunk's id.</param>
/// <param name="Record">The record.</param>
/// <param name="Bytes">Its exact bytes, which the signature covers.</param>
/// <param name="Signature">The detached JWS.</param>
/// <param name="Retries">How often it has been through a delay queue, by its own word.</param>
internal sealed record IncomingLoss(ChunkId Id, LossRecord Record, byte[] Bytes, string Signature, long Retries)
{
    /// <summary>Whether a record of the spool is this one, to the byte, signature included.</summary>
    public bool Is(SpooledLoss held) => held.Signature == Signature && held.Bytes.AsSpan().SequenceEqual(Bytes);

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">It is no loss record's message; says why.</exception>
    public static IncomingLoss Read(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
    {
        var bytes = body.ToArray();
        var record = LossJson.Read(bytes);
        if (properties.MessageId != ChunkMessage.LossId(record.Chunk))
            throw new FormatException(
                $"message id '{properties.MessageId}' is not that of the loss record, '{ChunkMessage.LossId(record.Chunk)}'");
        var signature = ChunkMessage.Text(properties, ChunkMessage.SignatureHeader);
        if (string.IsNullOrEmpty(signature)) throw new FormatException($"no header {ChunkMessage.SignatureHeader}");
        return new(new(record.Stream, record.Epoch, record.Sequence), record, bytes, signature,
            ChunkMessage.Number(properties, ChunkMessage.RetriesHeader));
    }
}
