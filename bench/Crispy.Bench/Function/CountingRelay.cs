using System.Net;
using System.Net.Sockets;

namespace Crispy.Bench.Function;

/// <summary>Passes TCP connections on to a server and counts what comes back: the bytes that were really read.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private readonly Task _run;
    private long _received;
    private long _sent;

    /// <summary>Begins to accept.</summary>
    /// <param name="server">The server's port on 127.0.0.1.</param>
    public CountingRelay(int server)
    {
        _server = server;
        _listener.Start();
        _run = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes from the server to the client, headers included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Bytes from the client to the server, headers included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _run;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                client.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
                await Task.WhenAny(CopyAsync(client, server, count => Interlocked.Add(ref _sent, count)),
                    CopyAsync(server, client, count => Interlocked.Add(ref _received, count)));
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException)
            {
                // Either side has gone; so does the other.
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Action<int> count)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                count(read);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException or InvalidOperationException)
        {
            // As above.
        }
    }
}
