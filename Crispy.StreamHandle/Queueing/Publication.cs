using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.StreamHandle.Queueing;

/// <summary>What workers are told of: a chunk or a loss record that lies ready.</summary>
/// <param name="Path">The file that is gone once a worker has it in the bucket.</param>
/// <param name="Stream">The stream's id.</param>
/// <param name="MessageId">Names the message.</param>
/// <param name="Body">Exact bytes of the manifest or record.</param>
/// <param name="Object">The object that it becomes.</param>
/// <param name="Traceparent">W3C trace context of the capture, or null.</param>
/// <param name="Properties">The message's properties with a trace context.</param>
/// <param name="Chunk">The chunk whose state begins with this; null for a loss record.</param>
internal sealed record Publication(
    string Path, string Stream, string MessageId, byte[] Body, string Object, string? Traceparent, Func<string?, BasicProperties> Properties, ChunkId? Chunk)
{
    public static Publication Of(SpooledChunk chunk) => new(chunk.ManifestPath, chunk.Manifest.Stream, chunk.Manifest.Chunk, chunk.ManifestBytes, chunk.Manifest.Object,
        chunk.Manifest.Traceparent, trace => ChunkMessage.Properties(chunk.Manifest, chunk.Signature, trace), chunk.Id);

    public static Publication Of(SpooledLoss loss) => new(loss.Path, loss.Record.Stream, ChunkMessage.LossId(loss.Record.Chunk), loss.Bytes, loss.Record.Object,
        loss.Record.Traceparent, trace => ChunkMessage.Properties(loss.Record, loss.Signature, trace), null);

    /// <summary>Reads a ready manifest or loss record back; null when a worker has taken it away meanwhile.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static Publication? Read(string path) => LossFiles.TryParseRecordName(path, out _, out _)
        ? SpooledLoss.Read(path) is { } loss ? Of(loss) : null
        : SpooledChunk.Read(path) is { } chunk ? Of(chunk) : null;
}
