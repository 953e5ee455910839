using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Contracts;

/// <summary>A loss record as bytes (UTF-8 JSON, camelCase) and back. The bytes are what is signed and stored: they travel as they are and
/// are never written again.</summary>
public static class LossJson
{
    /// <summary>Largest record that is accepted, in bytes.</summary>
    public const int MaxBytes = 4096;

    // Of a name that stands twice each reader may take another value: it is refused.
    private static readonly LossJsonContext Context =
        new(new JsonSerializerOptions(LossJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            AllowDuplicateProperties = false });

    /// <summary>The bytes of a new record.</summary>
    public static byte[] Write(LossRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Context.LossRecord);

    /// <summary>Reads a record and checks that its parts agree with each other.</summary>
    /// <exception cref="FormatException">Not JSON, too large, a schema this code does not know, or contradictory;
    /// the message says which.</exception>
    public static LossRecord Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) throw new FormatException($"loss record of {bytes.Length} bytes is larger than {MaxBytes}");
        try
        {
            var record = JsonSerializer.Deserialize(bytes, Context.LossRecord) ?? throw new FormatException("loss record is null");
            RequireAgreement(record);
            return record;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new FormatException($"not a loss record: {broken.Message}", broken);
        }
    }

    private static void RequireAgreement(LossRecord record)
    {
        if (record.Schema != LossRecord.CurrentSchema)
            throw new FormatException($"loss record's schema '{record.Schema}' is not known here (only '{LossRecord.CurrentSchema}')");
        if (!ChunkId.TryParse(record.Chunk, out var id))
            throw new FormatException($"loss record with a malformed chunk id '{record.Chunk}'");
        if (id != new ChunkId(record.Stream, record.Epoch, record.Sequence))
            throw new FormatException(
                $"loss record of {id} contradicts itself: stream '{record.Stream}', epoch '{record.Epoch}', sequence {record.Sequence}");
        var name = new LossObjectName(record.Stream, record.From, record.Sequence).ToString();
        if (record.Object != name) throw new FormatException($"loss record of {id} names the object '{record.Object}', not '{name}'");
        if (record.To < record.From || record.Bytes < 0 || record.Frames < 0)
            throw new FormatException($"loss record of {id} has a negative duration, size or number of frames");
        if (record.Manifest is { } manifest
            && !(ObjectName.TryParse(manifest.Object, out var lost) && (lost.Stream, lost.Sequence) == (id.Stream, id.Sequence)))
            throw new FormatException($"loss record of {id} names '{manifest.Object}' as what is lost");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, MaxDepth = 16)]
[JsonSerializable(typeof(LossRecord))]
internal sealed partial class LossJsonContext : JsonSerializerContext;
