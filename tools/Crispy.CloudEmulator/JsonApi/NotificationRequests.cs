using System.Text.Json;
using System.Text.RegularExpressions;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Notifying;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary><c>/storage/v1/b/{bucket}/notificationConfigs</c> and one of them. This resource's fields are in snake case.</summary>
internal sealed partial class NotificationRequests(Buckets buckets, NotificationConfigs configs)
{
    public async Task AllAsync(HttpContext context, string bucket)
    {
        buckets.Get(bucket);
        switch (context.Request.Method)
        {
            case "GET":
                await ListAsync(context, configs.List(bucket));
                break;
            case "POST":
                var added = await configs.AddAsync(Parse(bucket, await JsonBody.ReadAsync(context.Request)));
                await JsonBody.WriteAsync(context, JsonBody.Compose(json => Write(json, added, context.BaseUri())));
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    public async Task OneAsync(HttpContext context, string bucket, string id)
    {
        buckets.Get(bucket);
        switch (context.Request.Method)
        {
            case "GET":
                var found = configs.Get(bucket, id);
                await JsonBody.WriteAsync(context, JsonBody.Compose(json => Write(json, found, context.BaseUri())));
                break;
            case "DELETE":
                await configs.RemoveAsync(bucket, id);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw StorageException.MethodNotAllowed();
        }
    }

    private static Task ListAsync(HttpContext context, List<NotificationConfig> found) =>
        JsonBody.WriteAsync(context, JsonBody.Compose(json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", "storage#notifications");
            if (found.Count > 0)
            {
                json.WriteStartArray("items");
                foreach (var config in found) Write(json, config, context.BaseUri());
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }));

    private static NotificationConfig Parse(string bucket, JsonElement body)
    {
        var topic = JsonBody.Text(body, "topic") ?? throw StorageException.Required("topic");
        if (!TopicRule().IsMatch(topic))
            throw StorageException.Invalid(
                $"Invalid Google Cloud Pub/Sub topic: '{topic}' is not //pubsub.googleapis.com/projects/PROJECT/topics/TOPIC");
        var format = Field(body, "payload_format", "payloadFormat")?.ToString() ?? "JSON_API_V1";
        if (format is not ("JSON_API_V1" or "NONE")) throw StorageException.Invalid($"Invalid payload_format: '{format}'");
        string[] types = Field(body, "event_types", "eventTypes") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(item => item.ToString())]
            : [];
        if (types.FirstOrDefault(type => !EventNames.All.Contains(type) && type != "OBJECT_ARCHIVE") is { } unknown)
            throw StorageException.Invalid($"Invalid event type: '{unknown}'");
        var attributes = Field(body, "custom_attributes", "customAttributes") is { ValueKind: JsonValueKind.Object } custom
            ? custom.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString())
            : [];
        return new(bucket, "", topic, format, types, Field(body, "object_name_prefix", "objectNamePrefix")?.ToString() ?? "", attributes);
    }

    /// <summary>The service takes the camel case of all its other resources here too.</summary>
    private static JsonElement? Field(JsonElement body, string snake, string camel) =>
        (body.TryGetProperty(snake, out var value) || body.TryGetProperty(camel, out value))
        && value.ValueKind != JsonValueKind.Null ? value : null;

    [GeneratedRegex("^//pubsub\\.googleapis\\.com/projects/[^/]+/topics/[^/]+$")]
    private static partial Regex TopicRule();

    private static void Write(Utf8JsonWriter json, NotificationConfig config, string baseUri)
    {
        json.WriteStartObject();
        json.WriteString("kind", "storage#notification");
        json.WriteString("id", config.Id);
        json.WriteString("selfLink", $"{baseUri}/storage/v1/b/{config.Bucket}/notificationConfigs/{config.Id}");
        json.WriteString("topic", config.Topic);
        json.WriteString("payload_format", config.PayloadFormat);
        json.WriteString("etag", config.Id);
        if (config.NamePrefix.Length > 0) json.WriteString("object_name_prefix", config.NamePrefix);
        if (config.EventTypes.Length > 0)
        {
            json.WriteStartArray("event_types");
            foreach (var type in config.EventTypes) json.WriteStringValue(type);
            json.WriteEndArray();
        }
        if (config.Attributes.Count > 0)
        {
            json.WriteStartObject("custom_attributes");
            foreach (var (key, value) in config.Attributes) json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
