using System.Net;
using System.Net.Sockets;

namespace Crispy.Testing;

/// <summary>TCP ports of 127.0.0.1 that are free now.</summary>
public static class FreePort
{
    /// <summary>One free port. Another process may take it before its user does: callers that cannot bind port 0 themselves retry.</summary>
    public static int Next() => Several(1)[0];

    /// <summary>Distinct free ports, all held until the last is found.</summary>
    public static int[] Several(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
