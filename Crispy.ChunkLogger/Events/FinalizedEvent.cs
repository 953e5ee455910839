using System.Text.Json;
using CloudNative.CloudEvents;

namespace Crispy.ChunkLogger.Events;

/// <summary>Finds the finalized object in an event of Eventarc or Pub/Sub.</summary>
internal static class FinalizedEvent
{
    private const string EventarcType = "google.cloud.storage.object.v1.finalized";
    private const string PubSubType = "google.cloud.pubsub.topic.v1.messagePublished";

    /// <summary>Reads an event.</summary>
    /// <param name="cloudEvent">The event.</param>
    /// <param name="ignored">Why it is none of a finalized object, where the result is null.</param>
    /// <exception cref="FormatException">It says that an object is finalized, but not which.</exception>
    public static ObjectHint? Find(CloudEvent cloudEvent, out string ignored)
    {
        ignored = "";
        try
        {
            switch (cloudEvent.Type)
            {
                case EventarcType:
                    return ObjectHint.Read(Json(cloudEvent));
                case PubSubType:
                    return InMessage(Json(cloudEvent), out ignored);
                default:
                    ignored = $"type {cloudEvent.Type}";
                    return null;
            }
        }
        catch (InvalidOperationException malformed)
        {
            // Half a surrogate pair can be written in JSON, and not be read.
            throw new FormatException($"a text of it is not Unicode: {malformed.Message}", malformed);
        }
    }

    private static ObjectHint? InMessage(JsonElement data, out string ignored)
    {
        ignored = "";
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("message", out var message)
            || message.ValueKind != JsonValueKind.Object)
            throw new FormatException("its data holds no message");
        var attributes = message.TryGetProperty("attributes", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        if (Text(attributes, "eventType") is not "OBJECT_FINALIZE" and var eventType)
        {
            ignored = $"eventType {eventType ?? "none"}";
            return null;
        }
        if (Resource(message) is { } complete) return complete;
        // payloadFormat NONE: the attributes alone name the object.
        return ObjectHint.Of(Text(attributes, "bucketId"), Text(attributes, "objectId"), Text(attributes, "objectGeneration"));
    }

    private static ObjectHint? Resource(JsonElement message)
    {
        if (Text(message, "data") is not { Length: > 0 }) return null;
        if (!message.GetProperty("data").TryGetBytesFromBase64(out var bytes))
            throw new FormatException("its message's data is not base64");
        try
        {
            using var resource = JsonDocument.Parse(bytes);
            return ObjectHint.Read(resource.RootElement);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"its message's data is not JSON: {malformed.Message}", malformed);
        }
    }

    private static JsonElement Json(CloudEvent cloudEvent) =>
        cloudEvent.Data is JsonElement json ? json : throw new FormatException("its data is not JSON");

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()
        : null;
}
