using System.Net;
using System.Net.Sockets;

namespace Crispy.Testing;

/// <summary>Asks whether a server accepts connections.</summary>
public static class Listening
{
    /// <summary>Whether something accepts a TCP connection on this port of 127.0.0.1 now.</summary>
    public static async Task<bool> OnAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
