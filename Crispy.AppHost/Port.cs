using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Crispy.AppHost;

/// <summary>TCP ports of this machine. Tests choose theirs by the same code.</summary>
internal static class Port
{
    // Below the ports that Linux gives to outgoing connections and to binds of port 0 (32768 and up, ip(7)).
    // Those would take the port of a server that is just being started again.
    private const int Lowest = 10_000, Above = 32_768;

    private static readonly ConcurrentBag<Socket> Reserved = [];

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

    /// <summary>One that is free now, and that no other run on this machine is about to use.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Above);
            if (Reserve(port) && IsFree(port)) return port;
        }
    }

    /// <summary>Keeps other runs from choosing a port until this process ends: between a choice and its use lie seconds.
    /// Linux alone has names without files.</summary>
    /// <returns>False where another run has it.</returns>
    public static bool Reserve(int port)
    {
        if (!OperatingSystem.IsLinux()) return true;
        var name = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            name.Bind(new UnixDomainSocketEndPoint($"\0crispy-port-{port}"));
            Reserved.Add(name);
            return true;
        }
        catch (SocketException)
        {
            name.Dispose();
            return false;
        }
    }
}
