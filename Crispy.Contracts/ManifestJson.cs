using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Contracts;

/// <summary>A manifest as bytes (UTF-8 JSON, camelCase) and back. The bytes are what is hashed and signed: they travel as they are and are
/// never written again.</summary>
public static class ManifestJson
{
    /// <summary>Largest manifest that is accepted, in bytes; far above any real one, and what keeps the metadata under 8 KiB.</summary>
    public const int MaxBytes = 4096;

    private const string SchemaPrefix = "crispy.chunk/";

    // '+' in base64 stays '+': the bytes never stand inside HTML. Of a name that stands twice each reader may take another value:
    // it is refused.
    private static readonly ManifestJsonContext Context =
        new(new JsonSerializerOptions(ManifestJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            AllowDuplicateProperties = false });

    /// <summary>The bytes of a new manifest.</summary>
    public static byte[] Write(ChunkManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Context.ChunkManifest);

    /// <summary>Reads a manifest and checks that its parts agree with each other.</summary>
    /// <exception cref="FormatException">Not JSON, too large, a schema this code does not know, or contradictory;
    /// the message says which.</exception>
    public static ChunkManifest Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) throw new FormatException($"manifest of {bytes.Length} bytes is larger than {MaxBytes}");
        ChunkManifest manifest;
        try
        {
            RequireSchema(bytes);
            manifest = JsonSerializer.Deserialize(bytes, Context.ChunkManifest) ?? throw new FormatException("manifest is null");
        }
        // The latter for a string that is no UTF-8.
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new FormatException($"not a manifest: {broken.Message}", broken);
        }
        RequireAgreement(manifest);
        return manifest;
    }

    private static void RequireSchema(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        using var document = JsonDocument.ParseValue(ref reader);
        var schema = document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("schema", out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        if (schema == ChunkManifest.CurrentSchema) return;
        throw new FormatException(schema?.StartsWith(SchemaPrefix, StringComparison.Ordinal) == true
            ? $"manifest schema '{schema}' is not known here (only '{ChunkManifest.CurrentSchema}')"
            : "not a chunk manifest: no schema 'crispy.chunk/1'");
    }

    private static void RequireAgreement(ChunkManifest manifest)
    {
        if (!ChunkId.TryParse(manifest.Chunk, out var id))
            throw new FormatException($"manifest with a malformed chunk id '{manifest.Chunk}'");
        if (id != new ChunkId(manifest.Stream, manifest.Epoch, manifest.Sequence))
            throw new FormatException(
                $"manifest of {id} contradicts itself: stream '{manifest.Stream}', epoch '{manifest.Epoch}', sequence {manifest.Sequence}");
        if (!ChunkContainer.IsValid(manifest.Container))
            throw new FormatException($"manifest of {id} names an unknown container '{manifest.Container}'");
        var name = new ObjectName(manifest.Stream, manifest.From, manifest.Sequence, manifest.Container).ToString();
        if (manifest.Object != name) throw new FormatException($"manifest of {id} names the object '{manifest.Object}', not '{name}'");
        if (manifest.Duration < TimeSpan.Zero || manifest.Size < 0)
            throw new FormatException($"manifest of {id} has a negative duration or size");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, MaxDepth = 16)]
[JsonSerializable(typeof(ChunkManifest))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;

/// <summary>ISO 8601 with six decimals and Z: <c>2026-11-22T17:08:44.123456Z</c>.</summary>
internal sealed class MicrosecondInstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Instants.Format(value));
}

/// <summary>A time span as a number of seconds with at most six decimals; decimal, so that 3.000001 stays that.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!reader.TryGetDecimal(out var seconds) || Math.Abs(seconds) > int.MaxValue)
            throw new JsonException("duration is not a number of seconds");
        return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Instants.Seconds(value));
}

/// <summary>Times and spans as they stand in manifests, metadata and log lines.</summary>
public static class Instants
{
    /// <summary>ISO 8601, UTC, six decimals.</summary>
    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds, rounded to the microsecond.</summary>
    public static decimal Seconds(TimeSpan span) => Math.Round(span.Ticks / (decimal)TimeSpan.TicksPerSecond, 6);

    /// <summary>The instant, rounded to the microsecond, as manifests hold it.</summary>
    public static DateTimeOffset RoundToMicrosecond(DateTimeOffset instant) => new((instant.UtcTicks + 5) / 10 * 10, TimeSpan.Zero);

    /// <summary>The span, rounded to the microsecond, as manifests hold it.</summary>
    public static TimeSpan RoundToMicrosecond(TimeSpan span) => new((long)Math.Round(span.Ticks / 10d) * 10);
}
