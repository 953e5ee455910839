using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.UploadWorker.Tests;

/// <summary>A loss record as stream-handle leaves it in the spool, and what its message says.</summary>
internal sealed record TestLoss(ChunkId Id, LossRecord Record, byte[] Bytes, string Signature, LossFiles Files)
{
    private static readonly ManifestSigner Signer = new(SigningKey.NewPrivatePem());

    public BasicProperties Properties => ChunkMessage.Properties(Record, Signature, Record.Traceparent);

    public static TestLoss Write(SpoolLayout spool, TestChunk chunk)
    {
        var manifest = chunk.Manifest;
        var record = new LossRecord
        {
            Chunk = manifest.Chunk, Stream = manifest.Stream, Epoch = manifest.Epoch, Sequence = manifest.Sequence,
            Object = new LossObjectName(manifest.Stream, manifest.From, manifest.Sequence).ToString(),
            From = manifest.From, To = manifest.To,
            Reason = LossReason.DroppedOldest, Frames = manifest.Frames, Bytes = manifest.Size, Declared = manifest.To.AddHours(1),
            Manifest = new(Convert.ToHexStringLower(SHA256.HashData(chunk.ManifestBytes)), manifest.Object, manifest.Crc32c),
            Traceparent = manifest.Traceparent,
        };
        var bytes = LossJson.Write(record);
        var files = spool.ReadyLoss(chunk.Id);
        var signature = Signer.Sign(bytes);
        File.WriteAllText(files.Signature, signature);
        File.WriteAllBytes(files.Record, bytes);
        return new(chunk.Id, record, bytes, signature, files);
    }
}
