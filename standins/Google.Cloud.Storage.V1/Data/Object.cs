using System.Globalization;
using Google.Apis.Requests;
using Newtonsoft.Json;

namespace Google.Apis.Storage.v1.Data;

/// <summary>An object's resource: <see href="https://cloud.google.com/storage/docs/json_api/v1/objects"/>.</summary>
public class Object : IDirectResponseSchema
{
    /// <summary>Name of the bucket.</summary>
    [JsonProperty("bucket")]
    public virtual string? Bucket { get; set; }

    /// <summary><c>Cache-Control</c> of the data.</summary>
    [JsonProperty("cacheControl")]
    public virtual string? CacheControl { get; set; }

    /// <summary><c>Content-Encoding</c> of the data.</summary>
    [JsonProperty("contentEncoding")]
    public virtual string? ContentEncoding { get; set; }

    /// <summary><c>Content-Type</c> of the data.</summary>
    [JsonProperty("contentType")]
    public virtual string? ContentType { get; set; }

    /// <summary>CRC32C (RFC 4960, appendix B): base64 of the four bytes in big-endian order.</summary>
    [JsonProperty("crc32c")]
    public virtual string? Crc32c { get; set; }

    /// <summary>The entity tag.</summary>
    [JsonProperty("etag")]
    public virtual string? ETag { get; set; }

    /// <summary>The generation of the data.</summary>
    [JsonProperty("generation")]
    public virtual long? Generation { get; set; }

    /// <summary>Bucket, name and generation in one.</summary>
    [JsonProperty("id")]
    public virtual string? Id { get; set; }

    /// <summary>Always <c>storage#object</c>.</summary>
    [JsonProperty("kind")]
    public virtual string? Kind { get; set; }

    /// <summary>MD5 of the data in base64.</summary>
    [JsonProperty("md5Hash")]
    public virtual string? Md5Hash { get; set; }

    /// <summary>Where the data can be downloaded, with credentials.</summary>
    [JsonProperty("mediaLink")]
    public virtual string? MediaLink { get; set; }

    /// <summary>The custom metadata, <c>x-goog-meta-*</c>.</summary>
    [JsonProperty("metadata")]
    public virtual IDictionary<string, string>? Metadata { get; set; }

    /// <summary>Counts the changes of metadata within a generation, from 1.</summary>
    [JsonProperty("metageneration")]
    public virtual long? Metageneration { get; set; }

    /// <summary>The object's name.</summary>
    [JsonProperty("name")]
    public virtual string? Name { get; set; }

    /// <summary>Address of this resource.</summary>
    [JsonProperty("selfLink")]
    public virtual string? SelfLink { get; set; }

    /// <summary>Size of the data in bytes.</summary>
    [JsonProperty("size")]
    public virtual ulong? Size { get; set; }

    /// <summary>The storage class, such as <c>STANDARD</c>.</summary>
    [JsonProperty("storageClass")]
    public virtual string? StorageClass { get; set; }

    /// <summary>When the object was made, RFC 3339.</summary>
    [JsonProperty("timeCreated")]
    public virtual string? TimeCreatedRaw { get; set; }

    /// <summary>When the object was made, UTC.</summary>
    [JsonIgnore]
    public virtual DateTimeOffset? TimeCreatedDateTimeOffset
    {
        get => Rfc3339.Parse(TimeCreatedRaw);
        set => TimeCreatedRaw = Rfc3339.Format(value);
    }

    /// <summary>When the object or its metadata last changed, RFC 3339.</summary>
    [JsonProperty("updated")]
    public virtual string? UpdatedRaw { get; set; }

    /// <summary>When the object or its metadata last changed, UTC.</summary>
    [JsonIgnore]
    public virtual DateTimeOffset? UpdatedDateTimeOffset
    {
        get => Rfc3339.Parse(UpdatedRaw);
        set => UpdatedRaw = Rfc3339.Format(value);
    }
}

internal static class Rfc3339
{
    internal static DateTimeOffset? Parse(string? text) => text is null
        ? null
        : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    internal static string? Format(DateTimeOffset? instant) =>
        instant?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
