using CloudNative.CloudEvents;

namespace Google.Cloud.Functions.Framework;

/// <summary>A function that a CloudEvent calls. A new instance is made for each event.</summary>
public interface ICloudEventFunction
{
    /// <summary>Handles one event. An exception is answered with 500, so that the event is delivered again.</summary>
    Task HandleAsync(CloudEvent cloudEvent, CancellationToken cancellationToken);
}
