using System.Buffers.Binary;
using System.Text;

namespace Crispy.Muxing.Nut;

/// <summary>
/// Reads NUT as libavformat's muxer writes it to a pipe with <c>-strict -2 -syncpoints none -write_index 0</c>. That is version 4 of the
/// format (nut.txt in FFmpeg's nut repository), whose packets carry side data. Structure is checked, checksums are not: a pipe does not
/// flip bits. For one thread, but for <see cref="Position"/>.
/// </summary>
internal sealed class NutReader(Stream source)
{
    private const int Version = 4;
    private const int MostExtradata = 1 << 24;
    private const int MostPacket = 1 << 28;
    private const int ElidedUpTo = 4096;

    private const ulong MainStart = 0x4E4D7A561F5F04AD;
    private const ulong StreamStart = 0x4E5311405BF2F9DB;
    private const ulong SyncStart = 0x4E4BE4ADEECA4569;

    [Flags]
    private enum Frame
    {
        Key = 1,
        CodedTime = 8,
        StreamId = 16,
        SizeHigh = 32,
        Checksum = 64,
        Reserved = 128,
        SideData = 256,
        Header = 1024,
        MatchTime = 2048,
        Coded = 4096,
        Invalid = 8192,
    }

    private readonly record struct FrameCode(Frame Flags, int Stream, int SizeFactor, int SizeLow, long TimeStep, int Reserved, int Header);

    private readonly ByteReader _bytes = new(source);
    private readonly FrameCode[] _codes = new FrameCode[256];
    private Tick[] _ticks = [];
    private byte[][] _headers = [[]];
    private NutStream?[] _streams = [];
    private long[] _last = [];

    /// <summary>The streams, once <see cref="ReadHeaders"/> returned.</summary>
    public IReadOnlyList<NutStream> Streams => _streams!;

    /// <summary>Bytes taken so far. May be read by another thread.</summary>
    public long Position => _bytes.Position;

    /// <summary>Reads what describes the streams.</summary>
    /// <returns>False where nothing came at all.</returns>
    /// <exception cref="NutException">It is no NUT of version 4.</exception>
    /// <exception cref="EndOfStreamException">It ends within.</exception>
    public bool ReadHeaders()
    {
        if (_bytes.IsAtEnd) return false;
        Span<byte> id = stackalloc byte[25];
        _bytes.Take(id);
        if (!id[..24].SequenceEqual("nut/multimedia container"u8)) throw new NutException("no NUT came from ffmpeg");
        while (_streams.Length == 0 || _streams.Contains(null)) ReadBlock(_bytes.Byte());
        return true;
    }

    /// <summary>Reads the next packet.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="EndOfStreamException">It ends within the packet.</exception>
    public bool TryRead(NutPacket packet)
    {
        while (!_bytes.IsAtEnd)
        {
            var code = _bytes.Byte();
            if (code == 'N') ReadBlock(code);
            else
            {
                ReadPacket(_codes[code], packet);
                return true;
            }
        }
        return false;
    }

    private void ReadPacket(FrameCode code, NutPacket packet)
    {
        var (flags, stream, header, reserved) = (code.Flags, code.Stream, code.Header, code.Reserved);
        if ((flags & Frame.Invalid) != 0) throw new NutException($"NUT: invalid frame code at byte {Position}");
        if ((flags & Frame.Coded) != 0) flags ^= (Frame)_bytes.Unsigned();
        if ((flags & Frame.StreamId) != 0) stream = _bytes.Size(_streams.Length - 1);
        if (stream >= _streams.Length || _streams[stream] is null)
            throw new NutException($"NUT: a packet of stream {stream} of {_streams.Length} at byte {Position}");
        packet.Time = _last[stream] = (flags & Frame.CodedTime) != 0 ? CodedTime(stream) : _last[stream] + code.TimeStep;
        var size = (long)code.SizeLow;
        if ((flags & Frame.SizeHigh) != 0) size += (long)code.SizeFactor * _bytes.Size(MostPacket);
        if ((flags & Frame.MatchTime) != 0) _bytes.Signed();
        if ((flags & Frame.Header) != 0) header = _bytes.Size(_headers.Length - 1);
        if ((flags & Frame.Reserved) != 0) reserved = _bytes.Size(256);
        for (; reserved > 0; reserved--) _bytes.Unsigned();
        if ((flags & Frame.Checksum) != 0) _bytes.Skip(4);
        (packet.Stream, packet.IsKeyframe, packet.NewExtradata, packet.CameraTime) = (stream, (flags & Frame.Key) != 0, null, null);

        // A packet's length counts its side data, and the beginning that is left out because many packets share it.
        if (header >= _headers.Length) throw new NutException($"NUT: beginning {header} of {_headers.Length} at byte {Position}");
        var elided = size > ElidedUpTo ? [] : _headers[header];
        size -= elided.Length;
        if ((flags & Frame.SideData) != 0)
        {
            var start = Position;
            ReadSideData(packet);
            ReadSideData(null);
            size -= Position - start;
        }
        if (size is < 0 or > MostPacket) throw new NutException($"NUT: a packet of {size} bytes at byte {Position}");
        packet.Take(elided, _bytes, (int)size);
    }

    // Either the low bits of a time near the one before it, or the whole of it, above what those bits can hold.
    private long CodedTime(int stream)
    {
        var coded = (long)_bytes.Unsigned();
        var range = 1L << _streams[stream]!.TimeBits;
        if (coded >= range) return coded - range;
        var least = _last[stream] - (range - 1) / 2;
        return ((coded - least) & (range - 1)) + least;
    }

    // Name, type of value, value: what concerns us are binaries, whose type is a string of its own.
    private void ReadSideData(NutPacket? packet)
    {
        for (var count = _bytes.Size(256); count > 0; count--)
        {
            var name = Encoding.ASCII.GetString(_bytes.Bytes(256));
            switch (_bytes.Signed())
            {
                case -1:
                    _bytes.Bytes(MostExtradata);
                    break;
                case -2:
                    _bytes.Bytes(256);
                    if (packet is not null) TakeSideData(packet, name, _bytes.Bytes(MostExtradata));
                    else _bytes.Bytes(MostExtradata);
                    break;
                case -3:
                    _bytes.Signed();
                    break;
                case -4:
                    _bytes.Unsigned();
                    break;
                case < -4:
                    _bytes.Signed();
                    break;
            }
        }
    }

    // AVProducerReferenceTime is libavcodec's side data of type 27: microseconds since 1970 in the machine's byte order, then flags.
    private static void TakeSideData(NutPacket packet, string name, byte[] data)
    {
        if (name == "Extradata") packet.NewExtradata = data;
        else if (name.EndsWith("-SD-27", StringComparison.Ordinal) && data.Length >= 8)
            packet.CameraTime = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadInt64LittleEndian(data)
                : BinaryPrimitives.ReadInt64BigEndian(data);
    }

    private void ReadBlock(byte first)
    {
        Span<byte> start = stackalloc byte[8];
        start[0] = first;
        _bytes.Take(start[1..]);
        var length = (long)_bytes.Unsigned();
        if (length > ElidedUpTo) _bytes.Skip(4);
        var end = Position + length;
        switch (BinaryPrimitives.ReadUInt64BigEndian(start))
        {
            case MainStart:
                ReadMain();
                break;
            case StreamStart:
                ReadStream();
                break;
            case SyncStart:
                ReadSync();
                break;
        }
        _bytes.Skip(end - Position);
    }

    private void ReadMain()
    {
        var version = _bytes.Size(int.MaxValue);
        if (version != Version) throw new NutException($"ffmpeg writes NUT of version {version}, only {Version} is known here");
        _bytes.Unsigned();
        var streams = _bytes.Size(16);
        if (_streams.Length != streams) (_streams, _last) = (new NutStream[streams], new long[streams]);
        _bytes.Unsigned();
        _ticks = new Tick[_bytes.Size(256)];
        for (var i = 0; i < _ticks.Length; i++) _ticks[i] = new(_bytes.Positive(), _bytes.Positive());
        ReadCodes();
        _headers = new byte[_bytes.Size(128) + 1][];
        _headers[0] = [];
        for (var i = 1; i < _headers.Length; i++) _headers[i] = _bytes.Bytes(256);
        _bytes.Unsigned();
    }

    // One comes in front of the first packet, no matter what is asked for: all streams' last times are the one that it names.
    private void ReadSync()
    {
        var coded = _bytes.Unsigned();
        _bytes.Unsigned();
        if (_ticks.Length == 0 || _streams.Contains(null)) throw new NutException("NUT: a time before what it is counted in");
        var (unit, time) = (_ticks[(int)(coded % (ulong)_ticks.Length)], (Int128)(coded / (ulong)_ticks.Length));
        for (var i = 0; i < _last.Length; i++)
        {
            var tick = _streams[i]!.Tick;
            _last[i] = (long)(time * unit.Numerator * tick.Denominator / ((Int128)unit.Denominator * tick.Numerator));
        }
    }

    // Runs of codes that differ in the low part of the size alone. What a run does not say goes on from the one before.
    private void ReadCodes()
    {
        var (step, factor, stream, header) = (0L, 1, 0, 0);
        for (var code = 0; code < _codes.Length;)
        {
            var flags = (Frame)_bytes.Unsigned();
            var fields = _bytes.Size(256);
            if (fields > 0) step = _bytes.Signed();
            if (fields > 1) factor = _bytes.Size(1 << 16);
            if (fields > 2) stream = _bytes.Size(256);
            var low = fields > 3 ? _bytes.Size(1 << 16) : 0;
            var reserved = fields > 4 ? _bytes.Size(256) : 0;
            var count = fields > 5 ? _bytes.Size(256) : factor - low;
            if (fields > 6) _bytes.Signed();
            if (fields > 7) header = _bytes.Size(128);
            for (var field = 8; field < fields; field++) _bytes.Unsigned();
            for (var i = 0; i < count && code < _codes.Length; code++)
            {
                if (code == 'N') _codes[code] = new(Frame.Invalid, 0, 0, 0, 0, 0, 0);
                else _codes[code] = new(flags, stream, factor, low + i++, step, reserved, header);
            }
        }
    }

    private void ReadStream()
    {
        var index = _bytes.Size(_streams.Length - 1);
        var kind = (NutStreamClass)_bytes.Size(255);
        var tag = _bytes.Bytes(16);
        var tick = _ticks[_bytes.Size(_ticks.Length - 1)];
        var timeBits = _bytes.Size(62);
        _bytes.Unsigned();
        _bytes.Unsigned();
        _bytes.Unsigned();
        var stream = new NutStream { Class = kind, Tag = tag, Tick = tick, TimeBits = timeBits, Extradata = _bytes.Bytes(MostExtradata) };
        _streams[index] ??= kind switch
        {
            NutStreamClass.Video => stream with
            {
                Width = _bytes.Size(1 << 20),
                Height = _bytes.Size(1 << 20),
                PixelWidth = _bytes.Size(int.MaxValue),
                PixelHeight = _bytes.Size(int.MaxValue),
            },
            NutStreamClass.Audio =>
                stream with { SampleRate = _bytes.Size(int.MaxValue) / Math.Max(1, _bytes.Size(int.MaxValue)),
                    Channels = _bytes.Size(1 << 16) },
            _ => stream,
        };
    }
}
