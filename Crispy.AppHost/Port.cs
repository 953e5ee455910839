using System.Net;
using System.Net.Sockets;

namespace Crispy.AppHost;

/// <summary>TCP ports of this machine.</summary>
public static class Port
{
    /// <summary>One that is free now. Another process may take it before its user does.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
