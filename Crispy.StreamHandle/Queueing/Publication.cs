using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.StreamHandle.Queueing;

/// <summary>What workers are told of: a chunk or a loss record that lies ready.</summary>
internal sealed record Publication
{
    /// <summary>The file that is gone once a worker has it in the bucket.</summary>
    public required string Path { get; init; }

    /// <summary>The stream's id.</summary>
    public required string Stream { get; init; }

    /// <summary>Names the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Exact bytes of the manifest or record.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The object that it becomes.</summary>
    public required string Object { get; init; }

    /// <summary>W3C trace context of the capture, or null.</summary>
    public required string? Traceparent { get; init; }

    /// <summary>The message's properties with a trace context.</summary>
    public required Func<string?, BasicProperties> Properties { get; init; }

    /// <summary>The chunk whose state begins with this; null for a loss record.</summary>
    public ChunkId? Chunk { get; init; }

    public static Publication Of(SpooledChunk chunk) => new()
    {
        Path = chunk.ManifestPath,
        Stream = chunk.Manifest.Stream,
        MessageId = chunk.Manifest.Chunk,
        Body = chunk.ManifestBytes,
        Object = chunk.Manifest.Object,
        Traceparent = chunk.Manifest.Traceparent,
        Properties = trace => ChunkMessage.Properties(chunk.Manifest, chunk.Signature, trace),
        Chunk = chunk.Id,
    };

    public static Publication Of(SpooledLoss loss) => new()
    {
        Path = loss.Path,
        Stream = loss.Record.Stream,
        MessageId = ChunkMessage.LossId(loss.Record.Chunk),
        Body = loss.Bytes,
        Object = loss.Record.Object,
        Traceparent = loss.Record.Traceparent,
        Properties = trace => ChunkMessage.Properties(loss.Record, loss.Signature, trace),
    };

    /// <summary>Reads a ready manifest or loss record back; null when a worker has taken it away meanwhile.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static Publication? Read(string path) => LossFiles.TryParseRecordName(path, out _, out _)
        ? SpooledLoss.Read(path) is { } loss ? Of(loss) : null
        : SpooledChunk.Read(path) is { } chunk ? Of(chunk) : null;
}
