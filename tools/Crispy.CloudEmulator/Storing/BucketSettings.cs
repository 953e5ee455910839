using System.Text.Json;
using System.Text.Json.Nodes;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>What a bucket's owner may set on it freely (labels, lifecycle, versioning, CORS and so on): a JSON object,
/// never changed in place.</summary>
internal sealed class BucketSettings
{
    // The service's own, or kept beside the settings.
    private static readonly string[] Fixed =
        ["kind", "id", "selfLink", "name", "project", "projectNumber", "metageneration", "generation", "location", "locationType",
            "storageClass", "etag", "timeCreated", "updated"];

    private readonly JsonObject _values;

    private BucketSettings(JsonObject values) => _values = values;

    public static BucketSettings None { get; } = new([]);

    /// <summary>As <see cref="ToString"/> wrote them.</summary>
    public static BucketSettings Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>A merge patch (RFC 7396): absent fields stay, null removes, objects are merged, arrays replaced.</summary>
    public BucketSettings With(JsonElement patch)
    {
        var merged = _values.DeepClone().AsObject();
        Merge(merged, JsonObject.Create(patch)!);
        foreach (var name in Fixed) merged.Remove(name);
        var settings = new BucketSettings(merged);
        _ = settings.Lifecycle;
        return settings;
    }

    /// <summary>Each setting as a property of an object that is being written.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        foreach (var (name, value) in _values)
        {
            json.WritePropertyName(name);
            value!.WriteTo(json);
        }
    }

    /// <summary>The rules of its lifecycle.</summary>
    /// <exception cref="StorageException">400: the service would not take them.</exception>
    public IReadOnlyList<LifecycleRule> Lifecycle
    {
        get
        {
            if (_values["lifecycle"] is not { } lifecycle) return [];
            using var json = JsonDocument.Parse(lifecycle.ToJsonString());
            return LifecycleRule.Parse(json.RootElement);
        }
    }

    /// <summary>Whether there is a setting of that name.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    public override string ToString() => _values.ToJsonString();

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject present) target[name] = present = [];
                Merge(present, inner);
            }
            else target[name] = value.DeepClone();
        }
    }
}
