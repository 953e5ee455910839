using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Running;

/// <summary>
/// Free TCP ports, held by listening on them until their owner starts. They are taken at random from below the range of which the
/// kernel gives ports to outgoing connections (32768 and up on Linux), so that no client of a local server takes one in between, and
/// two AppHosts on one machine do not meet.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private const int First = 10_000;
    private const int Last = 32_000;
    private const int Attempts = 500;

    private readonly List<Socket> _sockets;

    private PortReservation(int port, List<Socket> sockets) => (Port, _sockets) = (port, sockets);

    public int Port { get; }

    /// <summary>Any free port.</summary>
    /// <exception cref="DistributedApplicationException">None was found.</exception>
    public static PortReservation Any()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryTake(RandomNumberGenerator.GetInt32(First, Last)) is { } reservation) return reservation;
        }

        throw new DistributedApplicationException($"No free TCP port between {First} and {Last} was found in {Attempts} attempts.");
    }

    /// <summary>A certain port; null when another uses it.</summary>
    public static PortReservation? TryTake(int port)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var address in LoopbackAddresses) sockets.Add(Listen(address, port));
            return new(port, sockets);
        }
        catch (SocketException)
        {
            foreach (var socket in sockets) socket.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
        _sockets.Clear();
    }

    /// <summary><c>localhost</c> is both, where there is IPv6 at all.</summary>
    internal static IEnumerable<IPAddress> LoopbackAddresses =>
        Socket.OSSupportsIPv6 && HasIPv6Loopback.Value ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    private static readonly Lazy<bool> HasIPv6Loopback = new(() =>
    {
        try
        {
            using var socket = Listen(IPAddress.IPv6Loopback, 0);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
