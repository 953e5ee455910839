using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crispy.Bench.Function;

/// <summary>Sends chunk-logger what Pub/Sub sends of an object: a push with the object's resource in it.</summary>
internal sealed class Events(int port) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _function = new($"http://127.0.0.1:{port}/");

    /// <summary>Sends one and waits for the answer; returns milliseconds.</summary>
    /// <exception cref="InvalidOperationException">It was not taken.</exception>
    public async Task<double> SendAsync(JsonNode resource)
    {
        using var content = new ByteArrayContent(Body(resource)) { Headers = { ContentType = new("application/json") } };
        var begin = TimeProvider.System.GetTimestamp();
        using var answer = await _http.PostAsync(_function, content);
        var taken = TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        if (answer.IsSuccessStatusCode) return taken;
        var reason = await answer.Content.ReadAsStringAsync();
        throw new InvalidOperationException($"chunk-logger answers {(int)answer.StatusCode}: {reason}");
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Body(JsonNode resource) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        message = new
        {
            attributes = new
            {
                eventType = "OBJECT_FINALIZE", payloadFormat = "JSON_API_V1", bucketId = (string)resource["bucket"]!,
                objectId = (string)resource["name"]!, objectGeneration = (string)resource["generation"]!,
                eventTime = (string)resource["timeCreated"]!,
                notificationConfig = "projects/_/buckets/bench/notificationConfigs/1",
            },
            data = JsonSerializer.SerializeToUtf8Bytes(resource),
            messageId = (string)resource["generation"]!,
            publishTime = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
        },
        subscription = "projects/bench/subscriptions/bench",
    });
}
