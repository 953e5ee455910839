using System.Globalization;
using System.Text.Json;

namespace Crispy.ChunkLogger.Events;

/// <summary>What an event (or the bucket) says of an object.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Generation">The generation that was finalized.</param>
internal sealed record StoredObject(string Bucket, string Name, long Generation)
{
    /// <summary>Size in bytes; null where it is not told.</summary>
    public long? Size { get; init; }

    /// <summary>CRC32C as Cloud Storage writes it.</summary>
    public string? Crc32c { get; init; }

    public string? MediaLink { get; init; }

    /// <summary>The custom metadata; null where the event carries no resource.</summary>
    public IDictionary<string, string>? Metadata { get; init; }

    /// <summary>One generation of one object: what an entry is written once for.</summary>
    public string Identity => Identify(Bucket, Name, Generation);

    public static string Identify(string bucket, string name, long generation) => string.Create(CultureInfo.InvariantCulture, $"{bucket}/{name}#{generation}");

    /// <summary>Reads an object's resource in the JSON API's form, in which 64-bit numbers are strings.</summary>
    /// <returns>Null where bucket, name or generation is missing.</returns>
    public static StoredObject? Read(JsonElement resource)
    {
        if (resource.ValueKind != JsonValueKind.Object) return null;
        if (Text(resource, "bucket") is not { Length: > 0 } bucket || Text(resource, "name") is not { Length: > 0 } name || Number(resource, "generation") is not { } generation) return null;
        return new(bucket, name, generation)
        {
            Size = Number(resource, "size"),
            Crc32c = Text(resource, "crc32c"),
            MediaLink = Text(resource, "mediaLink"),
            Metadata = ReadMetadata(resource),
        };
    }

    private static Dictionary<string, string> ReadMetadata(JsonElement resource)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!resource.TryGetProperty("metadata", out var pairs) || pairs.ValueKind != JsonValueKind.Object) return metadata;
        foreach (var pair in pairs.EnumerateObject().Where(pair => pair.Value.ValueKind == JsonValueKind.String)) metadata[pair.Name] = pair.Value.GetString()!;
        return metadata;
    }

    private static string? Text(JsonElement resource, string name) =>
        resource.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement resource, string name) => resource.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    } : null;
}
