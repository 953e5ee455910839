using System.Globalization;
using System.Net.Http.Headers;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>An event as the HTTP request that tells a target of it: the push of a Pub/Sub subscription.</summary>
internal static class PushMessage
{
    public static HttpRequestMessage Compose(PushTarget target, PendingEvent pending)
    {
        var body = JsonBody.Compose(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("message");
            json.WriteStartObject("attributes");
            json.WriteString("bucketId", pending.Bucket);
            json.WriteString("eventTime", ResourceJson.Time(pending.Time));
            json.WriteString("eventType", pending.EventType);
            json.WriteString("notificationConfig", $"projects/_/buckets/{pending.Bucket}/notificationConfigs/{target.Key.Split('/')[^1]}");
            json.WriteString("objectGeneration", pending.Generation.ToString(CultureInfo.InvariantCulture));
            json.WriteString("objectId", pending.ObjectName);
            if (pending.Other is { } other)
                json.WriteString(pending.EventType == EventNames.PubSub(ObjectEvent.Finalize)
                    ? "overwroteGeneration"
                    : "overwrittenByGeneration", ResourceJson.Number(other));
            json.WriteString("payloadFormat", target.WithResource ? "JSON_API_V1" : "NONE");
            foreach (var (key, value) in target.Attributes) json.WriteString(key, value);
            json.WriteEndObject();
            if (target.WithResource) json.WriteBase64String("data", pending.Resource);
            // Pub/Sub itself pushes both spellings.
            json.WriteString("messageId", pending.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("message_id", pending.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("publishTime", ResourceJson.Time(pending.Time));
            json.WriteString("publish_time", ResourceJson.Time(pending.Time));
            json.WriteEndObject();
            json.WriteString("subscription", "projects/emulator/subscriptions/" + target.Key.Replace('/', '-'));
            json.WriteEndObject();
        });
        return Post(target, body);
    }

    private static HttpRequestMessage Post(PushTarget target, byte[] body) => new(HttpMethod.Post, target.Endpoint)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };
}
