using Google.Apis.Requests;
using Newtonsoft.Json;

namespace Google.Apis.Storage.v1.Data;

/// <summary>A bucket's resource: <see href="https://cloud.google.com/storage/docs/json_api/v1/buckets"/>.</summary>
public class Bucket : IDirectResponseSchema
{
    /// <summary>The entity tag.</summary>
    [JsonProperty("etag")]
    public virtual string? ETag { get; set; }

    /// <summary>The bucket's id, which is its name.</summary>
    [JsonProperty("id")]
    public virtual string? Id { get; set; }

    /// <summary>Always <c>storage#bucket</c>.</summary>
    [JsonProperty("kind")]
    public virtual string? Kind { get; set; }

    /// <summary>The user's own labels.</summary>
    [JsonProperty("labels")]
    public virtual IDictionary<string, string>? Labels { get; set; }

    /// <summary>Where the data is kept.</summary>
    [JsonProperty("location")]
    public virtual string? Location { get; set; }

    /// <summary>Counts the changes of metadata, from 1.</summary>
    [JsonProperty("metageneration")]
    public virtual long? Metageneration { get; set; }

    /// <summary>The bucket's name.</summary>
    [JsonProperty("name")]
    public virtual string? Name { get; set; }

    /// <summary>Number of the project that owns it.</summary>
    [JsonProperty("projectNumber")]
    public virtual ulong? ProjectNumber { get; set; }

    /// <summary>Address of this resource.</summary>
    [JsonProperty("selfLink")]
    public virtual string? SelfLink { get; set; }

    /// <summary>The storage class of new objects.</summary>
    [JsonProperty("storageClass")]
    public virtual string? StorageClass { get; set; }

    /// <summary>When the bucket was made, RFC 3339.</summary>
    [JsonProperty("timeCreated")]
    public virtual string? TimeCreatedRaw { get; set; }

    /// <summary>When the bucket was made, UTC.</summary>
    [JsonIgnore]
    public virtual DateTimeOffset? TimeCreatedDateTimeOffset
    {
        get => Rfc3339.Parse(TimeCreatedRaw);
        set => TimeCreatedRaw = Rfc3339.Format(value);
    }
}
