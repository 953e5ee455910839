using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Crispy.Testing;

/// <summary>
/// A camera that sends JPEGs over HTTP (<c>multipart/x-mixed-replace</c>) at a rate of its own, as many do. Each who asks gets all from the
/// first picture on.
/// </summary>
public sealed class MjpegCamera : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<byte[]> _pictures;
    private readonly TimeSpan _interval;
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private List<DateTimeOffset> _sent = [];

    private MjpegCamera(IReadOnlyList<byte[]> pictures, TimeSpan interval)
    {
        (_pictures, _interval) = (pictures, interval);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its address.</summary>
    public string Url =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/video");

    /// <summary>When it sent each picture of the newest connection.</summary>
    public IReadOnlyList<DateTimeOffset> Sent
    {
        get
        {
            lock (_lock) return [.. _sent];
        }
    }

    /// <summary>Starts a camera.</summary>
    /// <param name="pictures">JPEGs, sent once and then again from the first.</param>
    /// <param name="interval">From one to the next.</param>
    public static MjpegCamera Start(IReadOnlyList<byte[]> pictures, TimeSpan interval) => new(pictures, interval);

    /// <summary>Makes JPEGs of a moving test picture.</summary>
    /// <param name="folder">Where ffmpeg may write.</param>
    /// <param name="count">How many.</param>
    public static async Task<List<byte[]>> PicturesAsync(TempFolder folder, int count)
    {
        await Command.RunAsync("ffmpeg", "-y", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10", "-frames:v",
            $"{count}", "-q:v", "6", "-f", "image2", folder["camera-%05d.jpg"]);
        return [.. Directory.EnumerateFiles(folder.Path, "camera-*.jpg").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true) clients.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        client.NoDelay = true;
        var clock = TimeProvider.System;
        try
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            {
                // The request's head; there is one thing to ask for.
            }
            await stream.WriteAsync(
                "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nConnection: close\r\n\r\n"u8.ToArray(),
                _stop.Token);
            var sent = new List<DateTimeOffset>();
            lock (_lock) _sent = sent;
            var began = clock.GetTimestamp();
            for (var number = 0; ; number++)
            {
                var wait = _interval * number - clock.GetElapsedTime(began);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, _stop.Token);
                var picture = _pictures[number % _pictures.Count];
                var head = Encoding.ASCII.GetBytes($"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {picture.Length}\r\n\r\n");
                await stream.WriteAsync((byte[])[.. head, .. picture, .. "\r\n"u8], _stop.Token);
                lock (_lock) sent.Add(clock.GetUtcNow());
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client, or the test, is at its end.
        }
    }
}
