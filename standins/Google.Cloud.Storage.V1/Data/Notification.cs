using Google.Apis.Requests;
using Newtonsoft.Json;

namespace Google.Apis.Storage.v1.Data;

/// <summary>Which events of a bucket go to which Pub/Sub topic: <see href="https://cloud.google.com/storage/docs/json_api/v1/notifications"/>.</summary>
public class Notification : IDirectResponseSchema
{
    /// <summary>Attributes added to each message.</summary>
    [JsonProperty("custom_attributes")]
    public virtual IDictionary<string, string>? CustomAttributes { get; set; }

    /// <summary>The entity tag.</summary>
    [JsonProperty("etag")]
    public virtual string? ETag { get; set; }

    /// <summary>Only these events, such as <c>OBJECT_FINALIZE</c>; null for all.</summary>
    [JsonProperty("event_types")]
    public virtual IList<string>? EventTypes { get; set; }

    /// <summary>The configuration's id within the bucket.</summary>
    [JsonProperty("id")]
    public virtual string? Id { get; set; }

    /// <summary>Always <c>storage#notification</c>.</summary>
    [JsonProperty("kind")]
    public virtual string? Kind { get; set; }

    /// <summary>Only objects whose names begin so.</summary>
    [JsonProperty("object_name_prefix")]
    public virtual string? ObjectNamePrefix { get; set; }

    /// <summary><c>JSON_API_V1</c> or <c>NONE</c>.</summary>
    [JsonProperty("payload_format")]
    public virtual string? PayloadFormat { get; set; }

    /// <summary>Address of this resource.</summary>
    [JsonProperty("selfLink")]
    public virtual string? SelfLink { get; set; }

    /// <summary><c>//pubsub.googleapis.com/projects/P/topics/T</c>.</summary>
    [JsonProperty("topic")]
    public virtual string? Topic { get; set; }
}

/// <summary>All notification configurations of a bucket.</summary>
public class Notifications : IDirectResponseSchema
{
    /// <summary>The configurations; null where there are none.</summary>
    [JsonProperty("items")]
    public virtual IList<Notification>? Items { get; set; }

    /// <summary>Always <c>storage#notifications</c>.</summary>
    [JsonProperty("kind")]
    public virtual string? Kind { get; set; }

    /// <inheritdoc />
    [JsonIgnore]
    public virtual string? ETag { get; set; }
}
