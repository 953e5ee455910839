using System.Text;
using Crispy.Contracts;
using RabbitMQ.Client;

namespace Crispy.Coordination;

/// <summary>A chunk's message: the body is the manifest's exact bytes; signature and trace context are headers, the chunk's id is the
/// message id. It is a hint, not the truth: everything in it also lies in the spool.</summary>
public static class ChunkMessage
{
    /// <summary>Header with the manifest's detached JWS.</summary>
    public const string SignatureHeader = "crispy-signature";

    /// <summary>Header with the W3C trace context.</summary>
    public const string TraceparentHeader = "traceparent";

    /// <summary>Header that counts how often a message has been through the delay queues.</summary>
    public const string RetriesHeader = "crispy-retries";

    /// <summary>Header that says, on a dead letter, why: one word, as in <c>damaged</c>.</summary>
    public const string ReasonHeader = "crispy-reason";

    /// <summary>Header with the last error, on a dead letter.</summary>
    public const string ErrorHeader = "crispy-error";

    /// <summary>Header with the size in bytes that a dead letter's body had before it was cut.</summary>
    public const string CutHeader = "crispy-cut-from";

    /// <summary>Properties of a chunk's message: persistent, JSON, with the chunk's id.</summary>
    public static BasicProperties Properties(ChunkManifest manifest, string signature, string? traceparent) =>
        Properties(manifest.Chunk, manifest.Schema, signature, traceparent);

    /// <summary>Properties of a loss record's message, whose body is the record's exact bytes.</summary>
    public static BasicProperties Properties(LossRecord record, string signature, string? traceparent) =>
        Properties(LossId(record.Chunk), record.Schema, signature, traceparent);

    /// <summary>Message id of a lost chunk's record: the chunk's own message may still be on its way.</summary>
    public static string LossId(string chunk) => $"{chunk}#loss";

    /// <summary>Whether a message is, by its own word, that of a loss record.</summary>
    public static bool IsLoss(IReadOnlyBasicProperties properties) => properties.Type == LossRecord.CurrentSchema;

    private static BasicProperties Properties(string id, string schema, string signature, string? traceparent)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [SignatureHeader] = signature };
        if (traceparent is not null) headers[TraceparentHeader] = traceparent;
        return new() { MessageId = id, ContentType = "application/json", Type = schema, Persistent = true, Headers = headers };
    }

    /// <summary>A header's text; null where it is absent or no text. AMQP brings strings as bytes.</summary>
    public static string? Text(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers is { } headers && headers.TryGetValue(header, out var value)
            ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), string text => text, _ => null }
            : null;

    /// <summary>A header's whole number; 0 where it is absent or no number.</summary>
    public static long Number(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers is { } headers && headers.TryGetValue(header, out var value)
            ? value switch { long number => number, int number => number, _ => 0 }
            : 0;
}
