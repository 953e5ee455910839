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
                "customTime" => result with { CustomTime = Text(property) },
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

    private static string? Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw StorageException.Invalid($"Invalid value for {property.Name}: a string was expected"),
    };
}

/// <summary>Serializers of what the ledger keeps as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectAttributes))]
[JsonSerializable(typeof(ObjectDraft))]
[JsonSerializable(typeof(Preconditions))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LedgerJson : JsonSerializerContext;
