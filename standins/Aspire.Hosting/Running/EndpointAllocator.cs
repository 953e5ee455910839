using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Gives ports to all endpoints before anything starts.</summary>
internal sealed class EndpointAllocator : IAsyncDisposable
{
    private readonly List<EndpointProxy> _proxies = [];

    /// <summary>What stands for ports in arguments and environments, where the port is the same for everybody.</summary>
    public Dictionary<string, string> Placeholders { get; } = [];

    /// <summary>Allocates the ports of a resource.</summary>
    /// <exception cref="DistributedApplicationException">A port that was asked for is taken, or several processes would listen on one.</exception>
    public void Allocate(IReadOnlyList<ResourceInstance> instances)
    {
        var resource = instances[0].Resource;
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var (port, targetPort) = (endpoint.Port is 0 ? null : endpoint.Port, endpoint.TargetPort is 0 ? null : endpoint.TargetPort);
            var shown = resource is ContainerResource ? AllocateDirectly(instances[0], endpoint, port)
                : instances.Count > 1 || (targetPort is not null && port is not null && port != targetPort) ? AllocateBehindProxy(instances, endpoint, port, targetPort)
                : AllocateDirectly(instances[0], endpoint, port ?? targetPort);
            var placeholder = ResourceInstance.PortPlaceholder(resource, endpoint);
            Placeholders[placeholder] = Text(instances[0].Ports.TryGetValue(endpoint, out var first) ? first.Port : targetPort ?? shown);
            endpoint.AllocatedEndpoint = new(endpoint, endpoint.TargetHost is "*" or "+" or "0.0.0.0" ? "localhost" : endpoint.TargetHost, shown, placeholder);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies) await proxy.DisposeAsync().ConfigureAwait(false);
        _proxies.Clear();
    }

    /// <summary>The process, or the container runtime, listens on it.</summary>
    private static int AllocateDirectly(ResourceInstance instance, EndpointAnnotation endpoint, int? port) =>
        (instance.Ports[endpoint] = Take(instance, endpoint, port)).Port;

    private int AllocateBehindProxy(IReadOnlyList<ResourceInstance> instances, EndpointAnnotation endpoint, int? port, int? targetPort)
    {
        if (instances.Count > 1 && (targetPort is not null || !endpoint.IsProxied))
        {
            throw new DistributedApplicationException($"All {instances.Count} replicas of '{instances[0].Resource.Name}' would listen on the port of their endpoint '{endpoint.Name}'.");
        }

        foreach (var instance in instances) instance.Ports[endpoint] = Take(instance, endpoint, targetPort);
        using (var shown = Take(instances[0], endpoint, port)) port = shown.Port;
        _proxies.Add(EndpointProxy.Start(port.Value, [.. instances.Select(instance => instance.Ports[endpoint].Port)]));
        return port.Value;
    }

    private static PortReservation Take(ResourceInstance instance, EndpointAnnotation endpoint, int? port) =>
        port is null
            ? PortReservation.Any()
            : PortReservation.TryTake(port.Value)
                ?? throw new DistributedApplicationException($"Port {port} of '{instance.Resource.Name}' (endpoint '{endpoint.Name}') is taken by another process.");

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
