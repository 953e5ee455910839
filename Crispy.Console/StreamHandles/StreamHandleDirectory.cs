using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.ServiceDiscovery;

namespace Crispy.Console.StreamHandles;

/// <summary>Knows the addresses of all stream-handles: those of the configuration, found by service discovery. A name with several
/// addresses (a headless service) is one stream-handle for each.</summary>
public sealed class StreamHandleDirectory(ConsoleSettings settings, ServiceEndpointResolver resolver)
{
    private volatile IReadOnlyList<Uri> _known = [];

    /// <summary>The addresses as last found.</summary>
    public IReadOnlyList<Uri> Known => _known;

    /// <summary>Looks again.</summary>
    /// <exception cref="SocketException">A name cannot be resolved now.</exception>
    public async Task<IReadOnlyList<Uri>> FindAsync(CancellationToken stop)
    {
        var found = new List<Uri>();
        foreach (var service in settings.StreamHandles)
        {
            var source = await resolver.GetEndpointsAsync(service.GetLeftPart(UriPartial.Authority), stop);
            foreach (var endpoint in source.Endpoints) found.AddRange(await SpreadAsync(Address(endpoint, service), stop));
        }
        return _known = [.. found.Distinct()];
    }

    private static Uri Address(ServiceEndpoint endpoint, Uri service)
    {
        var text = endpoint.ToString() ?? "";
        if (text.Contains("://", StringComparison.Ordinal)) return new(text);
        return endpoint.EndPoint is DnsEndPoint { Port: 0 } named
            ? new UriBuilder(service) { Host = named.Host }.Uri
            : new($"{service.Scheme}://{text}");
    }

    // A certificate is of a name: only plain HTTP can be asked by address.
    private static async Task<IEnumerable<Uri>> SpreadAsync(Uri address, CancellationToken stop)
    {
        if (address.Scheme != "http" || address.IsLoopback || address.HostNameType is not UriHostNameType.Dns) return [address];
        var all = await Dns.GetHostAddressesAsync(address.Host, stop);
        var family = all.Any(ip => ip.AddressFamily == AddressFamily.InterNetwork)
            ? AddressFamily.InterNetwork
            : AddressFamily.InterNetworkV6;
        return all.Where(ip => ip.AddressFamily == family).Select(ip => new UriBuilder(address) { Host = ip.ToString() }.Uri);
    }
}
