using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of an endpoint.</summary>
public enum EndpointProperty
{
    /// <summary>Scheme, host and port.</summary>
    Url,

    /// <summary>Host name.</summary>
    Host,

    /// <summary>Host as an IPv4 address.</summary>
    IPV4Host,

    /// <summary>The port that others use.</summary>
    Port,

    /// <summary>Scheme of its URLs.</summary>
    Scheme,

    /// <summary>The port that the process listens on.</summary>
    TargetPort,

    /// <summary>Host and port, with a colon between.</summary>
    HostAndPort,

    /// <summary><c>True</c> or <c>False</c>.</summary>
    TlsEnabled,
}

/// <summary>A part of an endpoint, as a value.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    /// <summary>The name by which a container reaches the machine it runs on.</summary>
    internal const string HostSeenFromContainers = "host.docker.internal";

    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference;

    /// <summary>Which part.</summary>
    public EndpointProperty Property { get; } = property;

    /// <summary>Its place in a manifest, e.g. <c>{redis.bindings.tcp.host}</c>.</summary>
    public string ValueExpression => Property switch
    {
        EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
        EndpointProperty.Host or EndpointProperty.IPV4Host => Binding("host"),
        EndpointProperty.Url => Binding("url"),
        EndpointProperty.Port => Binding("port"),
        EndpointProperty.Scheme => Binding("scheme"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        EndpointProperty.TlsEnabled => Binding("tlsEnabled"),
        _ => throw new InvalidOperationException($"Unknown endpoint property '{Property}'."),
    };

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    /// <summary>The value for a process of this machine; waits for the allocation of ports.</summary>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new(), cancellationToken);

    /// <summary>The value as the caller sees it; waits for the allocation of ports.</summary>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        if (Property is EndpointProperty.Scheme) return Endpoint.Scheme;
        if (Property is EndpointProperty.TlsEnabled) return Endpoint.TlsEnabled ? bool.TrueString : bool.FalseString;
        if (Property is EndpointProperty.TargetPort && Endpoint.TargetPort is int port) return Text(port);

        var allocated = await Endpoint.EndpointAnnotation.WaitForAllocationAsync(cancellationToken).ConfigureAwait(false);
        var (host, seenPort) = SeenFrom(context.EffectiveNetwork, allocated);
        return Property switch
        {
            EndpointProperty.Url => $"{Endpoint.Scheme}://{host}:{seenPort}",
            EndpointProperty.Host => host,
            EndpointProperty.IPV4Host => host == "localhost" ? "127.0.0.1" : host,
            EndpointProperty.Port => Text(seenPort),
            EndpointProperty.TargetPort => allocated.TargetPortExpression ?? Text(allocated.Port),
            EndpointProperty.HostAndPort => $"{host}:{seenPort}",
            _ => throw new InvalidOperationException($"Unknown endpoint property '{Property}'."),
        };
    }

    /// <summary>A container reaches another by its name and inner port, and a process of the machine by the machine's name.</summary>
    private (string Host, int Port) SeenFrom(NetworkIdentifier network, AllocatedEndpoint allocated) =>
        network == KnownNetworkIdentifiers.LocalhostNetwork ? (allocated.Address, allocated.Port)
        : Endpoint.Resource is ContainerResource ? (Endpoint.Resource.Name, Endpoint.TargetPort ?? allocated.Port)
        : (HostSeenFromContainers, allocated.Port);

    private string Binding(string part) => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{part}}}";

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
