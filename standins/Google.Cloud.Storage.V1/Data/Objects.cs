using Google.Apis.Requests;
using Newtonsoft.Json;

namespace Google.Apis.Storage.v1.Data;

/// <summary>One page of a listing.</summary>
public class Objects : IDirectResponseSchema
{
    /// <summary>The objects of this page; null where there are none.</summary>
    [JsonProperty("items")]
    public virtual IList<Object>? Items { get; set; }

    /// <summary>Always <c>storage#objects</c>.</summary>
    [JsonProperty("kind")]
    public virtual string? Kind { get; set; }

    /// <summary>Asks for the next page; null on the last.</summary>
    [JsonProperty("nextPageToken")]
    public virtual string? NextPageToken { get; set; }

    /// <summary>What stands between the asked prefix and the delimiter in the names that are not listed.</summary>
    [JsonProperty("prefixes")]
    public virtual IList<string>? Prefixes { get; set; }

    /// <inheritdoc />
    [JsonIgnore]
    public virtual string? ETag { get; set; }
}
