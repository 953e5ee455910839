using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port on which a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _transport;
    private bool? _tlsEnabled;

    /// <summary>An endpoint.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">Scheme of its URLs; null is the protocol's name.</param>
    /// <param name="transport">HTTP version or <c>tcp</c>; null follows from the scheme.</param>
    /// <param name="name">Unique within the resource; null is the scheme.</param>
    /// <param name="port">The port that others use; null or 0 lets one be chosen.</param>
    /// <param name="targetPort">The port that the process listens on; null or 0 lets one be chosen.</param>
    /// <param name="isExternal">Whether it is reachable from outside of the application.</param>
    /// <param name="isProxied">False when the process itself listens on <paramref name="port"/>.</param>
    public EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null,
        int? port = null, int? targetPort = null, bool? isExternal = null, bool isProxied = true)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Name = name ?? UriScheme;
        ResourceName.Validate(Name);
        (_transport, Port, TargetPort, IsExternal, IsProxied) = (transport, port, targetPort, isExternal ?? false, isProxied);
    }

    /// <summary>Unique within the resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The port that others use; null lets one be chosen.</summary>
    public int? Port { get => field ?? (IsProxied ? null : TargetPortSet); set; }

    /// <summary>The port that the process listens on; null lets one be chosen.</summary>
    public int? TargetPort { get => TargetPortSet ?? (IsProxied ? null : Port); set => TargetPortSet = value; }

    /// <summary>Scheme of its URLs.</summary>
    public string UriScheme { get; set; }

    /// <summary>The host name that the process listens on.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>HTTP version or <c>tcp</c>.</summary>
    public string Transport { get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol.ToString().ToLowerInvariant()); set => _transport = value; }

    /// <summary>Whether it is reachable from outside of the application.</summary>
    public bool IsExternal { get; set; }

    /// <summary>False when the process itself listens on <see cref="Port"/>.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Whether a reference to the resource leaves this endpoint out.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Whether it speaks TLS.</summary>
    public bool TlsEnabled { get => _tlsEnabled ?? UriScheme == "https"; set => _tlsEnabled = value; }

    /// <summary>Where it is reachable on this machine; null until ports are allocated, and always in publish mode.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.Task.IsCompletedSuccessfully ? _allocated.Task.Result : null;
        set => _allocated.TrySetResult(value ?? throw new ArgumentNullException(nameof(value)));
    }

    internal bool FromLaunchProfile { get; set; }

    internal string? TargetPortEnvironmentVariable { get; set; }

    private int? TargetPortSet { get; set; }

    internal Task<AllocatedEndpoint> WaitForAllocationAsync(CancellationToken cancellationToken) => _allocated.Task.WaitAsync(cancellationToken);
}

/// <summary>Where an endpoint is reachable.</summary>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host name or address.</summary>
    public string Address { get; } = address;

    /// <summary>1 to 65535.</summary>
    public int Port { get; } = port;

    /// <summary>Replaced by the port of the replica at hand wherever it appears in its arguments and environment.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <summary>Scheme of its URLs.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Its URL.</summary>
    public string UriString => $"{UriScheme}://{Address}:{Port}";
}
