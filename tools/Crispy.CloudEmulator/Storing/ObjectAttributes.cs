using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>What a client may set on an object, at upload and by patch.</summary>
internal sealed record ObjectAttributes
{
    /// <summary>Bytes that all custom metadata, keys and values, may hold together.</summary>
    public const int MetadataLimit = 8 * 1024;

    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    public string? ContentDisposition { get; init; }

    public string? ContentLanguage { get; init; }

    public string? CacheControl { get; init; }

    public string? CustomTime { get; init; }

    public string? StorageClass { get; init; }

    /// <summary>Set by a client that wants it to stay until that is taken back.</summary>
    public bool? TemporaryHold { get; init; }

    /// <summary>The same, for another reason.</summary>
    public bool? EventBasedHold { get; init; }

    /// <summary>The hold that keeps it from being deleted or replaced, by name; null where there is none.</summary>
    [JsonIgnore]
    public string? ActiveHold => TemporaryHold == true ? "Temporary" : EventBasedHold == true ? "Event-Based" : null;

    /// <summary>The custom time as an instant.</summary>
    [JsonIgnore]
    public DateTimeOffset? CustomInstant => CustomTime is null ? null : Instant(CustomTime);

    public SortedDictionary<string, string> Metadata { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A patch (RFC 7396): absent fields stay, null removes, metadata keys are merged one by one.</summary>
    public ObjectAttributes With(JsonElement patch)
    {
        var result = this;
        foreach (var property in patch.EnumerateObject())
        {
            var value = property.Value;
            result = property.Name switch
            {
                "contentType" => result with { ContentType = Text(property) },
                "contentEncoding" => result with { ContentEncoding = Text(property) },
                "contentDisposition" => result with { ContentDisposition = Text(property) },
                "contentLanguage" => result with { ContentLanguage = Text(property) },
                "cacheControl" => result with { CacheControl = Text(property) },
                "customTime" => result with { CustomTime = Text(property) is { } time ? ResourceTime(time) : null },
                "temporaryHold" => result with { TemporaryHold = Flag(property) },
                "eventBasedHold" => result with { EventBasedHold = Flag(property) },
                "storageClass" => result with { StorageClass = Text(property) },
                "metadata" => result with { Metadata = Merge(result.Metadata, value) },
                _ => result,
            };
        }
        return result.Checked();
    }

    /// <exception cref="StorageException">The custom metadata is over its limit.</exception>
    public ObjectAttributes Checked()
    {
        var bytes = Metadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        return bytes <= MetadataLimit
            ? this
            : throw new StorageException(400, "invalid", "MetadataTooLarge",
                $"The metadata for your object is too large: {bytes} bytes, the limit is {MetadataLimit}");
    }

    private static SortedDictionary<string, string> Merge(SortedDictionary<string, string> present, JsonElement patch)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (patch.ValueKind == JsonValueKind.Null) return merged;
        if (patch.ValueKind != JsonValueKind.Object) throw StorageException.Invalid("metadata must be an object of strings");
        foreach (var (key, value) in present) merged[key] = value;
        foreach (var property in patch.EnumerateObject())
        {
            if (Text(property) is { } text) merged[property.Name] = text;
            else merged.Remove(property.Name);
        }
        return merged;
    }

    /// <summary>What a change makes of them, where the service allows it: a custom time, once set, is neither removed nor set
    /// back.</summary>
    /// <exception cref="StorageException">400.</exception>
    public ObjectAttributes ChangedTo(ObjectAttributes next)
    {
        if (CustomInstant is not { } before) return next;
        if (next.CustomInstant is not { } after) throw StorageException.Invalid("Custom time cannot be removed once it is set.");
        return after >= before ? next : throw StorageException.Invalid(
            $"Custom time cannot be set to an earlier date: {next.CustomTime} is before {CustomTime}.");
    }

    /// <summary>Without what belongs to one object alone.</summary>
    public ObjectAttributes ForCopy() => this with { TemporaryHold = null, EventBasedHold = null };

    private static string ResourceTime(string text) =>
        Instant(text)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
            ?? throw StorageException.Invalid($"Invalid value for customTime: '{text}' is no RFC 3339 time");

    private static DateTimeOffset? Instant(string text) => text.Contains('T', StringComparison.Ordinal)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant) ? instant : null;

    private static bool? Flag(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => throw StorageException.Invalid($"Invalid value for {property.Name}: true or false was expected"),
    };

    private static string? Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw StorageException.Invalid($"Invalid value for {property.Name}: a string was expected"),
    };
}

/// <summary>Serializers of what the ledger keeps as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectAttributes))]
[JsonSerializable(typeof(ObjectDraft))]
[JsonSerializable(typeof(Preconditions))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LedgerJson : JsonSerializerContext;
