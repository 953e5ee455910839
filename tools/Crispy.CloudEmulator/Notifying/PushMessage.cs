using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.JsonApi;

namespace Crispy.CloudEmulator.Notifying;

/// <summary>An event as the HTTP request that tells a target of it.</summary>
internal static class PushMessage
{
    public static HttpRequestMessage Compose(PushTarget target, PendingEvent pending) =>
        target.Format == PushFormat.Eventarc ? Eventarc(target, pending) : PubSub(target, pending);

    private static HttpRequestMessage PubSub(PushTarget target, PendingEvent pending)
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
                json.WriteString(pending.EventType == EventNames.PubSub(ObjectEvent.Finalize) ? "overwroteGeneration" : "overwrittenByGeneration", ResourceJson.Number(other));
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

    /// <summary>CloudEvents 1.0, HTTP protocol binding, binary content mode.</summary>
    private static HttpRequestMessage Eventarc(PushTarget target, PendingEvent pending)
    {
        var request = Post(target, target.WithResource ? pending.Resource : "{}"u8.ToArray());
        var headers = request.Headers;
        headers.Add("ce-specversion", "1.0");
        headers.Add("ce-id", pending.Id.ToString(CultureInfo.InvariantCulture));
        headers.Add("ce-type", EventNames.CloudEvent(pending.EventType));
        headers.Add("ce-source", $"//storage.googleapis.com/projects/_/buckets/{pending.Bucket}");
        headers.Add("ce-subject", "objects/" + HeaderText(pending.ObjectName));
        headers.Add("ce-time", ResourceJson.Time(pending.Time));
        headers.Add("ce-bucket", pending.Bucket);
        return request;
    }

    private static HttpRequestMessage Post(PushTarget target, byte[] body) => new(HttpMethod.Post, target.Endpoint)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    /// <summary>Percent-encodes what the binding says a header value must not hold (section 3.1.3.2).</summary>
    private static string HeaderText(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is > 0x20 and < 0x7F and not (byte)'"' and not (byte)'%') encoded.Append((char)value);
            else encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }
        return encoded.ToString();
    }
}
