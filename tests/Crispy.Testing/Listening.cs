using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Crispy.Testing;

/// <summary>Asks whether, and where, a server accepts connections.</summary>
public static partial class Listening
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

    /// <summary>The first address that a server of ASP.NET Core says it listens on. Null where it has not said one yet, to the end of the
    /// line.</summary>
    /// <param name="printed">What it printed.</param>
    public static Uri? AddressIn(string printed) => Said().Match(printed) is { Success: true } said ? new(said.Groups[1].Value) : null;

    [GeneratedRegex(@"Now listening on: (http://\S+)\n")]
    private static partial Regex Said();
}
