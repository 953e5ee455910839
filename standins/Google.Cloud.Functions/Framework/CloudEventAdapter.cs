using CloudNative.CloudEvents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Google.Cloud.Functions.Framework;

/// <summary>Turns a request into a CloudEvent and calls the function with it; a request that is no event is answered with 400.</summary>
public sealed class CloudEventAdapter(ICloudEventFunction function, CloudEventFormatter formatter, ILogger<CloudEventAdapter> logger) : IHttpFunction
{
    /// <inheritdoc />
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (await EventRequest.TryReadAsync(context, formatter, logger).ConfigureAwait(false) is not { } cloudEvent) return;
        await function.HandleAsync(cloudEvent, context.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>The same for a function with typed data.</summary>
/// <typeparam name="TData">What the event's data is read as.</typeparam>
public sealed class CloudEventAdapter<TData>(ICloudEventFunction<TData> function, CloudEventFormatter formatter, ILogger<CloudEventAdapter<TData>> logger) : IHttpFunction
    where TData : class
{
    /// <inheritdoc />
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (await EventRequest.TryReadAsync(context, formatter, logger).ConfigureAwait(false) is not { } cloudEvent) return;
        if (cloudEvent.Data is not TData data)
        {
            EventRequest.Refuse(context, logger, $"The event's data is not a {typeof(TData)}");
            return;
        }
        await function.HandleAsync(cloudEvent, data, context.RequestAborted).ConfigureAwait(false);
    }
}
