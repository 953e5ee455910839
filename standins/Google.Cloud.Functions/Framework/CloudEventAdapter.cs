using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Core;
using CloudNative.CloudEvents.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Framework;

/// <summary>Turns a request into a CloudEvent and calls the function with it; a request that is no event is answered with 400. Events come
/// in binary mode (<c>ce-*</c> headers), in structured mode (<c>application/cloudevents+json</c>), or as a Pub/Sub push.</summary>
public sealed partial class CloudEventAdapter(
    ICloudEventFunction function, CloudEventFormatter formatter, ILogger<CloudEventAdapter> logger)
{
    private const string PushedType = "google.cloud.pubsub.topic.v1.messagePublished";

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        CloudEvent cloudEvent;
        try
        {
            cloudEvent = await ReadAsync(context.Request).ConfigureAwait(false);
        }
        catch (Exception unreadable)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            LogRefused(logger, unreadable.Message);
            return;
        }
        await function.HandleAsync(cloudEvent, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<CloudEvent> ReadAsync(HttpRequest request)
    {
        var body = await BinaryDataUtilities.ToReadOnlyMemoryAsync(request.Body).ConfigureAwait(false);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ReadOnlyMemoryContent(body) };
        foreach (var (name, values) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                message.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        if (message.IsCloudEvent()) return await message.ToCloudEventAsync(formatter).ConfigureAwait(false);
        if (request.ContentType != "application/json") throw new FormatException("Unable to convert request to CloudEvent.");
        return Pushed(body);
    }

    /// <summary>A Pub/Sub push: <c>{"message":{"messageId":"1",..},"subscription":".."}</c>. Its body becomes the event's data.</summary>
    private CloudEvent Pushed(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        if (!json.RootElement.TryGetProperty("message", out var message) || !json.RootElement.TryGetProperty("subscription", out _)
            || !message.TryGetProperty("messageId", out var id) || id.GetString() is not { Length: > 0 } messageId)
            throw new FormatException("Request is malformed; it must contain 'message' with a 'messageId', and 'subscription'.");
        // A push does not say which topic it is from.
        var source = new Uri("//pubsub.googleapis.com/projects/unknown-project!/topics/unknown-topic!", UriKind.RelativeOrAbsolute);
        var result = new CloudEvent { Type = PushedType, Id = messageId, Source = source, DataContentType = "application/json" };
        formatter.DecodeBinaryModeEventData(body, result);
        return result;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
