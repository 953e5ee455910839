using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Json;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.ChunkLogger.Tests;

/// <summary>An object's event as Eventarc and Pub/Sub send it.</summary>
internal static class Events
{
    public static HttpRequestMessage Eventarc(GcsObject stored, string type = "google.cloud.storage.object.v1.finalized")
    {
        var request = Post(Resource(stored));
        request.Headers.Add("ce-specversion", "1.0");
        request.Headers.Add("ce-type", type);
        request.Headers.Add("ce-source", $"//storage.googleapis.com/projects/_/buckets/{stored.Bucket}");
        request.Headers.Add("ce-subject", $"objects/{stored.Name}");
        request.Headers.Add("ce-id", "1");
        request.Headers.Add("ce-time", "2026-11-22T17:08:46.000Z");
        return request;
    }

    public static HttpRequestMessage PubSub(GcsObject stored, string eventType = "OBJECT_FINALIZE", bool payload = true) =>
        Post(JsonSerializer.Serialize(new
    {
        message = new
        {
            attributes = new
            {
                eventType,
                payloadFormat = payload ? "JSON_API_V1" : "NONE",
                bucketId = stored.Bucket,
                objectId = stored.Name,
                objectGeneration = stored.Generation?.ToString(CultureInfo.InvariantCulture),
            },
            data = payload ? Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Resource(stored))) : null,
            messageId = "1",
            publishTime = "2026-11-22T17:08:46.000Z",
        },
        subscription = "projects/p/subscriptions/s",
    }));

    /// <summary>Every form in which the event of a finalized object can come.</summary>
    public static HttpRequestMessage Of(string form, GcsObject stored) => form switch
    {
        "eventarc" => Eventarc(stored),
        "eventarc structured" => Structured(stored),
        "pubsub" => PubSub(stored),
        _ => throw new ArgumentException(form),
    };

    public static HttpRequestMessage Structured(GcsObject stored) => new(HttpMethod.Post, "/")
    {
        Content = new StringContent($$"""
            {"specversion":"1.0","type":"google.cloud.storage.object.v1.finalized",
            "source":"//storage.googleapis.com/projects/_/buckets/{{stored.Bucket}}","subject":"objects/{{stored.Name}}",
            "id":"1","time":"2026-11-22T17:08:46.000Z","datacontenttype":"application/json","data":{{Resource(stored)}} }
            """, new MediaTypeHeaderValue("application/cloudevents+json")),
    };

    public static HttpRequestMessage Post(string body) =>
        new(HttpMethod.Post, "/") { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };

    // Cloud Storage writes 64-bit numbers as strings.
    private static string Resource(GcsObject stored)
    {
        var json = JsonSerializer.Deserialize<Dictionary<string, object>>(NewtonsoftJsonSerializer.Instance.Serialize(stored))!;
        foreach (var key in (string[])["generation", "metageneration", "size"])
        {
            if (json.TryGetValue(key, out var number)) json[key] = number.ToString()!;
        }
        return JsonSerializer.Serialize(json);
    }
}
