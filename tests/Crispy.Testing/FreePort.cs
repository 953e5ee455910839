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
        var listeners = new List<TcpListener>();
        try
        {
            while (listeners.Count < count)
            {
                if (Listen() is { } listener) listeners.Add(listener);
            }
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }

    // Below the ports that Linux gives to outgoing connections and to binds of port 0 (32768 and up, ip(7)):
    // those would take the port of a server that is just being restarted.
    private static TcpListener? Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 32_768));
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            listener.Dispose();
            return null;
        }
    }
}
