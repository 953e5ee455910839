using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Crispy.Testing;

/// <summary>TCP ports of 127.0.0.1 that are free now, and that no other test process and no run of Crispy is about to use.</summary>
public static class FreePort
{
    private static readonly ConcurrentBag<Socket> Reserved = [];

    /// <summary>One free port. It is never given again by this process, and by no other while this one lives.</summary>
    public static int Next()
    {
        while (true)
        {
            // Below the ports that Linux gives to outgoing connections and to binds of port 0 (32768 and up, ip(7)):
            // those would take the port of a server that is just being restarted.
            var port = Random.Shared.Next(10_000, 32_768);
            if (Reserve(port) && IsFree(port)) return port;
        }
    }

    /// <summary>Distinct free ports.</summary>
    public static int[] Several(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    // Between a choice and its use lie seconds. The same name as a run of Crispy takes (Crispy.AppHost/Port.cs); Linux alone has names without files.
    private static bool Reserve(int port)
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

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
