using System.Buffers.Text;

namespace Crispy.Contracts;

/// <summary>The custom metadata (<c>x-goog-meta-*</c>) of a stored loss record, whose object holds the same bytes as <see cref="Record"/>.
/// Besides those named here it carries <see cref="ChunkMetadata.From"/>, <see cref="ChunkMetadata.To"/>,
/// <see cref="ChunkMetadata.Signature"/> and <see cref="ChunkMetadata.Traceparent"/>.</summary>
public static class LossMetadata
{
    /// <summary>The lost chunk's id.</summary>
    public const string Loss = "crispy-loss";

    /// <summary>Why it is lost (<see cref="LossReason"/>).</summary>
    public const string Reason = "crispy-reason";

    /// <summary>base64url (RFC 4648, no padding) of the record's exact bytes.</summary>
    public const string Record = "crispy-record";

    /// <summary>The metadata of a loss record.</summary>
    /// <param name="record">The record, read from <paramref name="recordBytes"/>.</param>
    /// <param name="recordBytes">The record's exact bytes.</param>
    /// <param name="signature">The detached JWS.</param>
    /// <param name="traceparent">The upload's trace context, or null.</param>
    public static Dictionary<string, string> For(LossRecord record, ReadOnlySpan<byte> recordBytes, string signature, string? traceparent)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Loss] = record.Chunk,
            [ChunkMetadata.From] = Instants.Format(record.From),
            [ChunkMetadata.To] = Instants.Format(record.To),
            [Reason] = record.Reason,
            [Record] = Base64Url.EncodeToString(recordBytes),
            [ChunkMetadata.Signature] = signature,
        };
        if (traceparent is not null) metadata[ChunkMetadata.Traceparent] = traceparent;
        return metadata;
    }

    /// <summary>The record's bytes out of an object's metadata; null where there are none or they are not base64url.</summary>
    public static byte[]? RecordBytes(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(Record, out var text) && text.Length <= LossJson.MaxBytes * 2
        && Base64Url.IsValid(text)
            ? Base64Url.DecodeFromChars(text)
            : null;
}
