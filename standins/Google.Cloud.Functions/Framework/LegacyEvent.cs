using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CloudNative.CloudEvents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Framework;

/// <summary>Converts events that do not come as CloudEvents: a Pub/Sub push (<c>{"message":{..},"subscription":".."}</c>) and the background events of
/// older Cloud Functions (<c>{"context":{..},"data":{..}}</c>), of Pub/Sub and Cloud Storage.</summary>
internal static partial class LegacyEvent
{
    private const string PubSubType = "google.pubsub.topic.publish";
    private const string UnknownTopic = "projects/unknown-project!/topics/unknown-topic!";

    private static readonly string[] BackgroundOnly = ["data", "domain", "context", "eventId", "eventType", "params", "timestamp"];

    private static readonly Dictionary<string, string> StorageTypes = new(StringComparer.Ordinal)
    {
        ["google.storage.object.finalize"] = "google.cloud.storage.object.v1.finalized",
        ["google.storage.object.delete"] = "google.cloud.storage.object.v1.deleted",
        ["google.storage.object.archive"] = "google.cloud.storage.object.v1.archived",
        ["google.storage.object.metadataUpdate"] = "google.cloud.storage.object.v1.metadataUpdated",
        // Of the time before the four above; no event that is documented has this name.
        ["providers/cloud.storage/eventTypes/object.change"] = "google.cloud.storage.object.v1.changed",
    };

    /// <exception cref="FormatException">It is none of them.</exception>
    internal static CloudEvent Convert(HttpRequest request, ReadOnlyMemory<byte> body, CloudEventFormatter formatter, ILogger logger)
    {
        if (request.ContentType != "application/json") throw new FormatException("Unable to convert request to CloudEvent.");
        var json = Parse(body);
        return json.ContainsKey("message") || json.ContainsKey("subscription")
            ? PubSubPush(json, request.Path.Value ?? "", formatter, logger)
            : Background(json, formatter);
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span) as JsonObject ?? throw new FormatException("Request body is not a JSON object");
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"Error parsing GCF event: {malformed.Message}", malformed);
        }
    }

    private static CloudEvent PubSubPush(JsonObject json, string path, CloudEventFormatter formatter, ILogger logger)
    {
        if (json["message"] is not JsonObject message || Text(json["subscription"]) is not { } subscription)
            throw new FormatException("Request is malformed; it must contain both 'message' and 'subscription' properties or neither.");
        if (BackgroundOnly.Any(json.ContainsKey)) throw new FormatException("Request is malformed; raw Pub/Sub request must contain only 'message' and 'subscription' properties.");
        if (Text(message["messageId"]) is not { Length: > 0 } id)
            throw new FormatException("Request is malformed; raw Pub/Sub message must contain a 'message.messageId' string property.");
        var topic = path.TrimStart('/');
        if (!Topic().IsMatch(topic))
        {
            LogUnknownTopic(logger, UnknownTopic);
            topic = UnknownTopic;
        }
        return PubSub(message, subscription, id, Time(message["publishTime"]), $"//pubsub.googleapis.com/{topic}", topic, formatter);
    }

    private static CloudEvent Background(JsonObject json, CloudEventFormatter formatter)
    {
        var context = json["context"] as JsonObject ?? json;
        if (json["data"] is not JsonObject data || Text(context["eventId"]) is not { Length: > 0 } id || Text(context["eventType"]) is not { Length: > 0 } type)
            throw new FormatException("Event is malformed; does not contain a payload, or the event ID or type is missing.");
        var time = Time(context["timestamp"]);
        var (service, resource) = context["resource"] is JsonObject described
            ? (Text(described["service"]), Text(described["name"]))
            : (null, Text(context["resource"] ?? json["resource"]));
        if (string.IsNullOrEmpty(resource)) throw new FormatException("Event contained no resource name");
        if (type is PubSubType or "providers/cloud.pubsub/eventTypes/topic.publish")
            return PubSub(data, null, id, time, $"//{service ?? "pubsub.googleapis.com"}/{resource}", resource, formatter);
        if (!StorageTypes.TryGetValue(type, out var storageType)) throw new FormatException($"Unexpected event type for function: '{type}'");
        return Storage(data, storageType, id, time, service ?? "storage.googleapis.com", resource, formatter);
    }

    private static CloudEvent PubSub(JsonObject message, string? subscription, string id, DateTimeOffset? time, string source, string resource, CloudEventFormatter formatter)
    {
        message = (JsonObject)message.DeepClone();
        message["messageId"] = id;
        if (time is { } published)
        {
            var format = published.Ticks % TimeSpan.TicksPerMillisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
            message["publishTime"] = published.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
        }
        var data = new JsonObject { ["message"] = message };
        if (subscription is not null) data["subscription"] = subscription;
        var result = Create("google.cloud.pubsub.topic.v1.messagePublished", id, time, source, data, formatter);
        if (Topic().Match(resource) is { Success: true } match) SetExtension(result, "topic", match.Groups["topic"].Value);
        return result;
    }

    private static CloudEvent Storage(JsonObject data, string type, string id, DateTimeOffset? time, string service, string resource, CloudEventFormatter formatter)
    {
        if (StorageObject().Match(resource) is not { Success: true } match) return Create(type, id, time, $"//{service}/{resource}", data, formatter);
        var result = Create(type, id, time, $"//{service}/{match.Groups["resource"].Value}", data, formatter);
        result.Subject = match.Groups["subject"].Value;
        SetExtension(result, "bucket", match.Groups["bucket"].Value);
        return result;
    }

    private static CloudEvent Create(string type, string id, DateTimeOffset? time, string source, JsonObject data, CloudEventFormatter formatter)
    {
        var result = new CloudEvent { Type = type, Id = id, Time = time, Source = new Uri(source, UriKind.RelativeOrAbsolute), DataContentType = "application/json" };
        formatter.DecodeBinaryModeEventData(JsonSerializer.SerializeToUtf8Bytes(data), result);
        return result;
    }

    private static void SetExtension(CloudEvent cloudEvent, string name, string value) =>
        cloudEvent[CloudEventAttribute.CreateExtension(name, CloudEventAttributeType.String)] = value;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    [GeneratedRegex("^projects/[^/]+/topics/(?<topic>[^/]+)$")]
    private static partial Regex Topic();

    // A generation at the end (#123) is no part of the object's name.
    [GeneratedRegex(@"^(?<resource>projects/_/buckets/(?<bucket>[^/]+))/(?<subject>objects/.*?)(?:#\d+)?$")]
    private static partial Regex StorageObject();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request path did not represent a Pub/Sub topic name. The event will contain the unknown topic name of '{Topic}'")]
    private static partial void LogUnknownTopic(ILogger logger, string topic);
}
