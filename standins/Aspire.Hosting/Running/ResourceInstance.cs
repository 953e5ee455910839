using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>One process of a resource: the only one, or a replica.</summary>
internal sealed class ResourceInstance(IResource resource, int number, int count)
{
    /// <summary>Replaced by <see cref="ServiceInstanceId"/> in the environment.</summary>
    public const string IdPlaceholder = "{{- service-instance-id -}}";

    public IResource Resource { get; } = resource;

    /// <summary>The resource's name, and the number of the replica from 1 if there are several.</summary>
    public string Name { get; } = count == 1 ? resource.Name : string.Create(CultureInfo.InvariantCulture, $"{resource.Name}-{number}");

    /// <summary>Unique, so that the telemetry of one run is told from that of the next.</summary>
    public string ServiceInstanceId { get; } = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", 8);

    /// <summary>The port to listen on, by endpoint.</summary>
    public Dictionary<EndpointAnnotation, PortReservation> Ports { get; } = [];

    /// <summary>The process; null until it starts.</summary>
    public ChildProcess? Process { get; set; }

    /// <summary>Stands for an endpoint's target port until the replica is known.</summary>
    public static string PortPlaceholder(IResource resource, EndpointAnnotation endpoint) => $"{{{{- portForServing \"{resource.Name}-{endpoint.Name}\" -}}}}";

    /// <summary>Frees the ports for the process.</summary>
    public void ReleasePorts()
    {
        foreach (var reservation in Ports.Values) reservation.Dispose();
    }
}
