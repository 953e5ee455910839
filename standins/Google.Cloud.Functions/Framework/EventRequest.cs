using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Core;
using CloudNative.CloudEvents.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Framework;

/// <summary>Reads the CloudEvent of a request: binary mode (<c>ce-*</c> headers), structured mode (<c>application/cloudevents+json</c>),
/// or one of the older forms that <see cref="LegacyEvent"/> converts.</summary>
internal static partial class EventRequest
{
    /// <returns>The event, or null after an answer of 400.</returns>
    internal static async Task<CloudEvent?> TryReadAsync(HttpContext context, CloudEventFormatter formatter, ILogger logger)
    {
        try
        {
            return await ReadAsync(context.Request, formatter, logger).ConfigureAwait(false);
        }
        catch (Exception unreadable) when (unreadable is not OperationCanceledException)
        {
            Refuse(context, logger, unreadable.Message);
            return null;
        }
    }

    internal static void Refuse(HttpContext context, ILogger logger, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        LogRefused(logger, reason);
    }

    private static async Task<CloudEvent> ReadAsync(HttpRequest request, CloudEventFormatter formatter, ILogger logger)
    {
        var body = await BinaryDataUtilities.ToReadOnlyMemoryAsync(request.Body).ConfigureAwait(false);
        using var message = new HttpRequestMessage(new(request.Method), "/") { Content = new ReadOnlyMemoryContent(body) };
        foreach (var (name, values) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) message.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        return message.IsCloudEvent()
            ? await message.ToCloudEventAsync(formatter).ConfigureAwait(false)
            : LegacyEvent.Convert(request, body, formatter, logger);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
