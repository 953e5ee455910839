using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.Contracts;

namespace Crispy.StreamHandle.Registering;

/// <summary>What the API decided about one stream: the file <c>&lt;spool&gt;/.streams/&lt;id&gt;.json</c>, and a field of the hash that
/// replicas share. Of two records of a stream the one with the greater <see cref="Version"/> counts, and of two with the same version the
/// later one. So every replica comes to the same.</summary>
internal sealed record StreamRecord
{
    /// <summary>Name and version of this format.</summary>
    public const string CurrentSchema = "crispy.stream-definition/1";

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The stream's id.</summary>
    public required string Id { get; init; }

    /// <summary>Counts the decisions from 1; goes on when a removed stream is made again.</summary>
    public required long Version { get; init; }

    /// <summary>When it was decided, UTC.</summary>
    public required DateTimeOffset Changed { get; init; }

    /// <summary>Whether it is recorded; false while it is paused.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether it was removed: the record stays, so that no replica that was away brings the stream back.</summary>
    public bool Removed { get; init; }

    /// <summary>How often a restart was asked for.</summary>
    public int Restarts { get; init; }

    /// <summary>What the stream is, secrets included (without them once it is removed); null for a configured one.</summary>
    public StreamDefinition? Definition { get; init; }

    /// <summary>Whether this one counts beside another one.</summary>
    public bool IsNewerThan(StreamRecord? other) =>
        other is null || Version > other.Version || (Version == other.Version && Changed > other.Changed);

    /// <summary>The record as bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.StreamRecord);

    /// <summary>Reads a record back.</summary>
    /// <exception cref="FormatException">It is none, or of a schema that is not known here. The message holds nothing of it.</exception>
    public static StreamRecord Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var record = JsonSerializer.Deserialize(json, RecordJson.Default.StreamRecord);
            return record is { Schema: CurrentSchema, Version: > 0 } && StreamId.IsValid(record.Id)
                && (record.Definition is null || record.Definition.Id == record.Id)
                ? record
                : throw new FormatException($"not a record of the schema {CurrentSchema}");
        }
        catch (JsonException broken)
        {
            // Its message may quote what stands there, and that may be a password.
            throw new FormatException($"not JSON of a stream's definition (line {broken.LineNumber + 1})");
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{Id}, version {Version}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StreamRecord))]
[JsonSerializable(typeof(StreamDefinition))]
internal sealed partial class RecordJson : JsonSerializerContext;
