using System.Net;
using System.Net.Sockets;

namespace Crispy.AppHost;

/// <summary>TCP ports of this machine.</summary>
public static class Port
{
    // Below the ports that Linux gives to outgoing connections and to binds of port 0 (32768 and up, ip(7)):
    // those would take the port of a server that is just being started again.
    private const int Lowest = 10_000, Above = 32_768;

    /// <summary>Whether one is free now on the loopback, which programs know by both of its addresses.</summary>
    public static bool IsFree(int port) =>
        IsFree(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || IsFree(IPAddress.IPv6Loopback, port));

    private static bool IsFree(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException refused)
        {
            // A machine may know IPv6 and have no address of it.
            return refused.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }

    /// <summary>One that is free now. Another process may take it before its user does.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(Lowest, Above));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one, then.
            }
        }
    }
}
