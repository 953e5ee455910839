namespace Crispy.Muxing.Nut;

/// <summary>What a NUT file carries.</summary>
internal enum NutStreamClass
{
    Video = 0,
    Audio = 1,
    Subtitles = 2,
    Data = 3,
}

/// <summary>A stream of a NUT file (nut.txt, "stream header").</summary>
internal sealed record NutStream
{
    public required NutStreamClass Class { get; init; }

    /// <summary>The codec's tag: four characters of a picture's codec, two bytes of a wave format.</summary>
    public required byte[] Tag { get; init; }

    /// <summary>The unit of its times.</summary>
    public required Tick Tick { get; init; }

    /// <summary>How many low bits of a time a packet carries.</summary>
    public required int TimeBits { get; init; }

    /// <summary>The codec's configuration as libavcodec has it.</summary>
    public required byte[] Extradata { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    /// <summary>Shape of a pixel; 0 where it is not known.</summary>
    public int PixelWidth { get; init; }

    public int PixelHeight { get; init; }

    /// <summary>Hertz.</summary>
    public int SampleRate { get; init; }

    public int Channels { get; init; }
}

/// <summary>A packet of a NUT file. One object serves for all: what it holds is valid until the next one is read.</summary>
internal sealed class NutPacket
{
    private byte[] _buffer = new byte[1 << 15];

    /// <summary>Index of its stream.</summary>
    public int Stream { get; set; }

    /// <summary>In ticks of its stream.</summary>
    public long Time { get; set; }

    public bool IsKeyframe { get; set; }

    /// <summary>A new configuration of the codec from this packet on; null where it stays.</summary>
    public byte[]? NewExtradata { get; set; }

    /// <summary>When the picture was taken by its camera's sender reports, in microseconds since 1970 UTC; null where they do not
    /// say.</summary>
    public long? CameraTime { get; set; }

    public int Length { get; set; }

    public ReadOnlySpan<byte> Data => _buffer.AsSpan(0, Length);

    /// <summary>Takes its data. Memory grows with what comes, not with the length that is claimed.</summary>
    /// <param name="beginning">What the packet begins with and does not carry.</param>
    /// <param name="source">Gives the rest.</param>
    /// <param name="size">Bytes of the rest.</param>
    public void Take(ReadOnlySpan<byte> beginning, ByteReader source, int size)
    {
        Length = 0;
        beginning.CopyTo(Grow(beginning.Length));
        while (size > 0)
        {
            var step = Math.Min(size, Math.Max(Length, ByteReader.Believed));
            source.Take(Grow(step));
            size -= step;
        }
    }

    private Span<byte> Grow(int bytes)
    {
        var length = Length + bytes;
        if (_buffer.Length < length) Array.Resize(ref _buffer, Math.Max(length, _buffer.Length + _buffer.Length / 2));
        var grown = _buffer.AsSpan(Length, bytes);
        Length = length;
        return grown;
    }
}
