using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Running;

/// <summary>
/// Spreads the connections to one port over several, in turn. Only where a port stands for several processes: a single process listens
/// on its port itself.
/// </summary>
internal sealed class EndpointProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReadOnlyList<TcpListener> _listeners;
    private readonly IReadOnlyList<int> _targets;
    private readonly Task _accepting;
    private int _turn;

    private EndpointProxy(IReadOnlyList<TcpListener> listeners, IReadOnlyList<int> targets)
    {
        (_listeners, _targets) = (listeners, targets);
        _accepting = Task.WhenAll(listeners.Select(AcceptAsync));
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static EndpointProxy Start(int port, IReadOnlyList<int> targets)
    {
        var listeners = PortReservation.LoopbackAddresses.Select(address => new TcpListener(address, port)).ToArray();
        foreach (var listener in listeners) listener.Start();
        return new(listeners, targets);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners) listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(_stopping.Token).ConfigureAwait(false);
                _ = ForwardAsync(client);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        using (var server = await ConnectAsync().ConfigureAwait(false))
        {
            if (server is null) return;
            var (near, far) = (client.GetStream(), server.GetStream());
            await Task.WhenAll(CopyAsync(near, far, server.Client), CopyAsync(far, near, client.Client)).ConfigureAwait(false);
        }
    }

    /// <summary>To the next process in turn, or to another when that does not answer; null when none does.</summary>
    private async Task<TcpClient?> ConnectAsync()
    {
        for (var attempt = 0; attempt < _targets.Count; attempt++)
        {
            var server = new TcpClient { NoDelay = true };
            try
            {
                var turn = (uint)Interlocked.Increment(ref _turn) % (uint)_targets.Count;
                await server.ConnectAsync(IPAddress.Loopback, _targets[(int)turn], _stopping.Token).ConfigureAwait(false);
                return server;
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                server.Dispose();
            }
        }

        return null;
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Socket receiver)
    {
        try
        {
            await from.CopyToAsync(to, _stopping.Token).ConfigureAwait(false);
            receiver.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end went away: the other copy ends by itself when its end closes.
            receiver.Close();
        }
    }
}
