using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Contracts;

/// <summary>
/// The declaration that a chunk is lost: which time it covered and why it could not be kept. Written once by stream-handle and never
/// changed; signed like a manifest (<see cref="ManifestSigner"/>, detached, over the exact bytes of <see cref="LossJson"/>).
/// It takes the chunk's place in the stream's hash chain: its <see cref="Previous"/> is what the chunk's manifest held or would have held.
/// The next link holds the SHA-256 of <see cref="Manifest"/> where the chunk already had one, else that of this record.
/// </summary>
public sealed record LossRecord
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const string CurrentSchema = "crispy.loss/1";

    /// <summary>Name and version of this format.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The id of the chunk that is lost (<see cref="ChunkId"/>); no other chunk ever has it.</summary>
    public required string Chunk { get; init; }

    /// <summary>The stream's id.</summary>
    public required string Stream { get; init; }

    /// <summary>The epoch's name.</summary>
    public required string Epoch { get; init; }

    /// <summary>The chunk's number in its stream.</summary>
    public required long Sequence { get; init; }

    /// <summary>The name under which this record is stored (<see cref="LossObjectName"/>).</summary>
    public required string Object { get; init; }

    /// <summary>UTC time at which the lost time begins, to the microsecond.</summary>
    [JsonConverter(typeof(MicrosecondInstantConverter))]
    public required DateTimeOffset From { get; init; }

    /// <summary>UTC time at which it ends, to the microsecond; not before <see cref="From"/>.</summary>
    [JsonConverter(typeof(MicrosecondInstantConverter))]
    public required DateTimeOffset To { get; init; }

    /// <summary>Why (<see cref="LossReason"/>).</summary>
    public required string Reason { get; init; }

    /// <summary>What the person who discarded the chunk said about it, up to 200 characters; null where nobody did.</summary>
    public string? Note { get; init; }

    /// <summary>Number of video frames that are lost; null where nobody knows.</summary>
    public long? Frames { get; init; }

    /// <summary>Size of the file that is lost, in bytes; 0 where there was nothing in it.</summary>
    public required long Bytes { get; init; }

    /// <summary>When the loss was declared, UTC, to the microsecond.</summary>
    [JsonConverter(typeof(MicrosecondInstantConverter))]
    public required DateTimeOffset Declared { get; init; }

    /// <summary>The manifest of the chunk, where it had one: the object that it named must not be in the bucket.</summary>
    public LostManifest? Manifest { get; init; }

    /// <summary>SHA-256 of the bytes of the link before it in the stream's chain, lower-case hexadecimal; null for the first.</summary>
    public string? Previous { get; init; }

    /// <summary>W3C trace context of the chunk's capture.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Fields that a later writer of this schema added: kept, and otherwise ignored.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>What the manifest of a lost chunk said.</summary>
/// <param name="Sha256">SHA-256 of the manifest's bytes, lower-case hexadecimal: the next link of the chain holds it.</param>
/// <param name="Object">The object that the chunk would have become.</param>
/// <param name="Crc32c">CRC32C of the chunk, base64 of the four bytes in big-endian order.</param>
public sealed record LostManifest(string Sha256, string Object, string Crc32c);

/// <summary>The values of a loss record's <c>reason</c>.</summary>
public static class LossReason
{
    /// <summary>The disk budget was reached, and the oldest chunks had to go.</summary>
    public const string DroppedOldest = "droppedOldest";

    /// <summary>The disk budget was reached, and what was newly recorded could not be kept.</summary>
    public const string DroppedNewest = "droppedNewest";

    /// <summary>The file holds no video that can be used.</summary>
    public const string Unusable = "unusable";

    /// <summary>A crash cut the file off before anything in it could be used.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>It was dead, so that no retry could store it, and a person gave it up.</summary>
    public const string Discarded = "discarded";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [DroppedOldest, DroppedNewest, Unusable, Incomplete, Discarded];

    /// <summary>Whether it is one of these.</summary>
    public static bool IsKnown(string reason) => All.Contains(reason, StringComparer.Ordinal);
}
