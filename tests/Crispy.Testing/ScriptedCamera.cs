using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Crispy.Testing;

/// <summary>One thing that a <see cref="ScriptedCamera"/> sends.</summary>
/// <param name="At">When, after PLAY.</param>
/// <param name="Timestamp">RTP timestamp, 90 kHz.</param>
/// <param name="Picture">NAL units behind start codes; null sends no picture.</param>
/// <param name="Report">The wall-clock time that a sender report gives to the timestamp; null sends none.</param>
public sealed record CameraStep(TimeSpan At, uint Timestamp, byte[]? Picture, DateTimeOffset? Report = null);

/// <summary>
/// An RTSP camera (RFC 2326, H.264 as in RFC 6184, interleaved). It sends exactly what a test tells it to: any timestamps, any reports, any
/// pace. Each PLAY sends the script from its beginning; then the connection stays open and silent.
/// </summary>
public sealed class ScriptedCamera : IAsyncDisposable
{
    private const int MostPayload = 1400;
    private const int Ssrc = 0x43524953;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<DateTimeOffset, IEnumerable<CameraStep>> _script;
    private readonly Task _accepting;
    private ushort _sequence = 65_000;
    private int _plays;

    private ScriptedCamera(Func<DateTimeOffset, IEnumerable<CameraStep>> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its address.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"rtsp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/cam");

    /// <summary>How often it was asked to play.</summary>
    public int Plays => Volatile.Read(ref _plays);

    /// <summary>Starts a camera.</summary>
    /// <param name="script">What it sends, in order, given the time of the PLAY.</param>
    public static ScriptedCamera Start(Func<DateTimeOffset, IEnumerable<CameraStep>> script) => new(script);

    /// <summary>Makes pictures of H.264 without B-frames: NAL units behind start codes, parameter sets before each keyframe.</summary>
    /// <param name="folder">Where ffmpeg may write.</param>
    /// <param name="frames">How many.</param>
    /// <param name="gop">Frames from keyframe to keyframe.</param>
    /// <param name="size">Width and height as ffmpeg writes them.</param>
    public static async Task<List<byte[]>> PicturesAsync(TempFolder folder, int frames, int gop = 25, string size = "160x120")
    {
        var path = folder[$"pictures-{size}-{frames}-{gop}.h264"];
        await Command.RunAsync("ffmpeg", "-y", "-v", "error", "-nostdin", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=25", "-frames:v",
            $"{frames}", "-pix_fmt", "yuv420p",
            "-c:v", "libx264", "-preset", "ultrafast", "-g", $"{gop}", "-x264-params", "aud=1:repeat-headers=1:scenecut=0:bframes=0", path);
        return Split(await File.ReadAllBytesAsync(path));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    // Each picture begins with an access unit delimiter.
    private static List<byte[]> Split(byte[] stream)
    {
        byte[] delimiter = [0, 0, 0, 1, 9];
        var pictures = new List<byte[]>();
        for (var at = 0; at < stream.Length;)
        {
            var next = stream.AsSpan(at + delimiter.Length).IndexOf(delimiter);
            var end = next < 0 ? stream.Length : at + delimiter.Length + next;
            pictures.Add(stream[at..end]);
            at = end;
        }
        return pictures;
    }

    private async Task AcceptAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                clients.Add(ServeAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var stream = client.GetStream();
        var playing = Task.CompletedTask;
        using var writing = new SemaphoreSlim(1);
        try
        {
            // what still plays writes to it until it sees the end
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            while (await ReadRequestAsync(reader, gone.Token) is { } request)
            {
                await WriteAsync(stream, writing, Encoding.ASCII.GetBytes(Answer(request)), gone.Token);
                if (request[0].StartsWith("PLAY ", StringComparison.Ordinal)) playing = PlayAsync(stream, writing, gone.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client, or the test, is at its end.
        }
        await gone.CancelAsync();
        await playing;
    }

    private static async Task<List<string>?> ReadRequestAsync(StreamReader reader, CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0 && !line.StartsWith('$')) lines.Add(line);
            else if (lines.Count > 0) return lines;
        }
        return null;
    }

    private string Answer(List<string> request)
    {
        var sequence = request.First(line => line.StartsWith("CSeq:", StringComparison.OrdinalIgnoreCase));
        const string description =
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\nm=video 0 RTP/AVP "
                + "96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=framerate:25\r\na=control:track0\r\n";
        return $"RTSP/1.0 200 OK\r\n{sequence}\r\nSession: 1\r\n" + request[0].Split(' ')[0] switch
        {
            "DESCRIBE" =>
                $"Content-Base: {Url}/\r\nContent-Type: application/sdp\r\nContent-Length: {description.Length}\r\n\r\n{description}",
            "SETUP" => "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
            "OPTIONS" => "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n",
            _ => "\r\n",
        };
    }

    private async Task PlayAsync(NetworkStream stream, SemaphoreSlim writing, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _plays);
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        try
        {
            foreach (var step in _script(clock.GetUtcNow()))
            {
                var wait = step.At - clock.GetElapsedTime(began);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, cancellation);
                if (step.Report is { } report)
                    await WriteAsync(stream, writing, Interleaved(1, SenderReport(report, step.Timestamp)), cancellation);
                if (step.Picture is { } picture) foreach (var packet in Packets(picture, step.Timestamp))
                    await WriteAsync(stream, writing, Interleaved(0, packet), cancellation);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client, or the test, is at its end.
        }
    }

    private static async Task WriteAsync(NetworkStream stream, SemaphoreSlim writing, byte[] bytes, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync(bytes, cancellation);
        }
        finally
        {
            writing.Release();
        }
    }

    private static byte[] Interleaved(byte channel, byte[] packet) =>
        [(byte)'$', channel, (byte)(packet.Length >> 8), (byte)packet.Length, .. packet];

    private IEnumerable<byte[]> Packets(byte[] picture, uint timestamp)
    {
        var units = NalUnits.Split(picture);
        foreach (var (index, unit) in units.Index())
        {
            var last = index == units.Count - 1;
            if (unit.Length <= MostPayload)
            {
                yield return Rtp(unit, timestamp, last);
                continue;
            }
            // FU-A: indicator, header with start and end bits, a piece.
            for (var at = 1; at < unit.Length; at += MostPayload)
            {
                var end = Math.Min(unit.Length, at + MostPayload);
                var header = (byte)((unit[0] & 0x1F) | (at == 1 ? 0x80 : 0) | (end == unit.Length ? 0x40 : 0));
                yield return Rtp([(byte)((unit[0] & 0xE0) | 28), header, .. unit[at..end]], timestamp, last && end == unit.Length);
            }
        }
    }

    private byte[] Rtp(byte[] payload, uint timestamp, bool marker)
    {
        var header = new byte[12];
        header[0] = 0x80;
        header[1] = (byte)(96 | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), timestamp);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), Ssrc);
        return [.. header, .. payload];
    }

    private static byte[] SenderReport(DateTimeOffset time, uint timestamp)
    {
        var report = new byte[28];
        (report[0], report[1], report[3]) = (0x80, 200, 6);
        BinaryPrimitives.WriteInt32BigEndian(report.AsSpan(4), Ssrc);
        var ticks = (time - new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero)).Ticks;
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(8), (uint)(ticks / TimeSpan.TicksPerSecond));
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(12),
            (uint)(ticks % TimeSpan.TicksPerSecond * 4_294_967_296.0 / TimeSpan.TicksPerSecond));
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(16), timestamp);
        return report;
    }
}
