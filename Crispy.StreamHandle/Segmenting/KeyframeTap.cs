using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// Where a camera's own clock reaches us. ffmpeg attaches to each packet the time that RTCP sender reports give it (side data
/// <c>PRFT</c>), but prints it nowhere: only its MP4 muxer writes it, as <c>prft</c> boxes (ISO/IEC 14496-12, 8.16.5). So ffmpeg sends the keyframes
/// once more, as fragments of an MP4 whose pictures are thrown away here. Without a report that muxer writes its own clock and does not say
/// so; a second output, <c>framecrc</c>, tells which packets carry the side data. It also has the frames before the first keyframe, which no
/// other output takes, so that they can be counted. Both come over Unix sockets.
/// </summary>
internal sealed class KeyframeTap : IDisposable
{
    // From the NTP era's 1900 to 1970.
    private static readonly TimeSpan NtpToUnix = TimeSpan.FromSeconds(2_208_988_800);
    private const int RememberedKeyframes = 64;

    /// <summary>An expression of the bitstream filter <c>noise</c>, which keeps its registers: all passes up to the first keyframe, then keyframes alone.</summary>
    private const string KeyframesOnceSeen = @"if(key\,0*st(0\,1)\,ld(0))";

    private readonly string _folder = Directory.CreateTempSubdirectory("crispy-").FullName;
    private readonly Socket _times;
    private readonly Socket _marks;
    private readonly SteadyClock _clock;
    private readonly Action<KeyframeTime> _observe;
    private readonly Action _discarded;
    private readonly Queue<long> _reported = new();
    private readonly Lock _lock = new();
    private double _ticks = 90_000;

    /// <summary>Listens.</summary>
    /// <param name="clock">Our clock.</param>
    /// <param name="observe">Gets what the keyframes say.</param>
    /// <param name="discarded">Called for each frame before the first keyframe.</param>
    public KeyframeTap(SteadyClock clock, Action<KeyframeTime> observe, Action discarded)
    {
        (_clock, _observe, _discarded) = (clock, observe, discarded);
        _times = Listen("times");
        _marks = Listen("marks");
    }

    /// <summary>ffmpeg's outputs, behind those of its segments.</summary>
    /// <param name="repair">The bitstream filter that mends timestamps: the same as the segments', so that both have one timeline.</param>
    public IEnumerable<string> Outputs(string repair)
    {
        const string video = "-map 0:V:0 -c:v copy -avoid_negative_ts disabled -flush_packets 1";
        yield return $"{video} -bsf:v {repair},noise=drop=not(key) -f mp4 -movflags empty_moov+frag_every_frame+default_base_moof -write_prft wallclock -y unix:{Path.Combine(_folder, "times")}";
        yield return $"{video} -copyinkf -bsf:v {repair},noise=drop={KeyframesOnceSeen} -f framecrc -y unix:{Path.Combine(_folder, "marks")}";
    }

    /// <summary>Reads until ffmpeg closes both, or it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(ReadAsync(_times, ReadTimesAsync, cancellation), ReadAsync(_marks, ReadMarksAsync, cancellation));

    /// <inheritdoc />
    public void Dispose()
    {
        _times.Dispose();
        _marks.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, name)));
        socket.Listen(1);
        return socket;
    }

    // Whatever cannot be read, the rest is still taken: ffmpeg would end with an output that nobody reads.
    private static async Task ReadAsync(Socket listener, Func<Stream, CancellationToken, Task> read, CancellationToken cancellation)
    {
        try
        {
            using var socket = await listener.AcceptAsync(cancellation);
            await using var stream = new NetworkStream(socket);
            try
            {
                await read(stream, cancellation);
            }
            catch (Exception unreadable) when (unreadable is FormatException or InvalidDataException or EndOfStreamException or ArgumentOutOfRangeException)
            {
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException)
        {
            // ffmpeg is gone, or never came.
        }
    }

    // "#tb 0: 1/90000", then "0, dts, pts, duration, size, checksum"; "F=0x0" where it is no keyframe; with side data "S=1, 16": the size of PRFT.
    private async Task ReadMarksAsync(Stream stream, CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            var now = _clock.Now;
            if (line.StartsWith("#tb 0: 1/", StringComparison.Ordinal)) _ticks = double.Parse(line["#tb 0: 1/".Length..], CultureInfo.InvariantCulture);
            if (line.StartsWith('#') || line.Split(',', StringSplitOptions.TrimEntries) is not [_, _, var pts, _, _, _, .. var sideData]) continue;
            if (sideData is ["F=0x0", ..])
            {
                _discarded();
                continue;
            }
            var ticks = long.Parse(pts, CultureInfo.InvariantCulture);
            _observe(new(TimeSpan.FromSeconds(ticks / _ticks), now, IsCameras: false));
            if (sideData is [_, "16", ..]) Remember(ticks);
        }
    }

    private async Task ReadTimesAsync(Stream stream, CancellationToken cancellation)
    {
        var header = new byte[8];
        while (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation) == header.Length)
        {
            var body = BinaryPrimitives.ReadUInt32BigEndian(header) - (long)header.Length;
            if (body < 0) throw new InvalidDataException("an MP4 box without a size");
            if (header.AsSpan(4).SequenceEqual("prft"u8) && body is 20 or 24) await ReadTimeAsync(stream, (int)body, cancellation);
            else await SkipAsync(stream, body, cancellation);
        }
    }

    // Version and flags (4 bytes), track (4), NTP timestamp (8), media time (4 in version 0, else 8).
    private async Task ReadTimeAsync(Stream stream, int length, CancellationToken cancellation)
    {
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation);
        var ntp = BinaryPrimitives.ReadUInt64BigEndian(body.AsSpan(8));
        var media = length == 24 ? BinaryPrimitives.ReadInt64BigEndian(body.AsSpan(16)) : BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16));
        if (!IsReported(media)) return;
        var seconds = (ntp >> 32) + (ntp & 0xFFFF_FFFF) / 4_294_967_296.0;
        _observe(new(TimeSpan.FromSeconds(media / _ticks), DateTimeOffset.UnixEpoch - NtpToUnix + TimeSpan.FromSeconds(seconds), IsCameras: true));
    }

    private void Remember(long pts)
    {
        lock (_lock)
        {
            if (_reported.Count == RememberedKeyframes) _reported.Dequeue();
            _reported.Enqueue(pts);
        }
    }

    private bool IsReported(long pts)
    {
        lock (_lock) return _reported.Contains(pts);
    }

    private static async Task SkipAsync(Stream stream, long bytes, CancellationToken cancellation)
    {
        var buffer = new byte[8192];
        while (bytes > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellation);
            if (read == 0) throw new EndOfStreamException();
            bytes -= read;
        }
    }
}
