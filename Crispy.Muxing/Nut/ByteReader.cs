namespace Crispy.Muxing.Nut;

/// <summary>NUT's numbers and byte strings from a pipe (nut.txt, "syntax").</summary>
internal sealed class ByteReader(Stream source)
{
    /// <summary>A length up to this is believed before its bytes have come.</summary>
    public const int Believed = 1 << 20;

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _at;
    private int _end;
    private long _passed;

    /// <summary>Bytes taken so far. May be read by another thread.</summary>
    public long Position => Volatile.Read(ref _passed) + Volatile.Read(ref _at);

    /// <summary>Whether the source has ended.</summary>
    public bool IsAtEnd => _at == _end && !Fill();

    /// <exception cref="EndOfStreamException">The source ended here.</exception>
    public byte Byte()
    {
        if (_at == _end && !Fill()) throw new EndOfStreamException();
        return _buffer[_at++];
    }

    /// <summary>v: seven bits a byte, most significant first.</summary>
    public ulong Unsigned()
    {
        ulong value = 0;
        while (true)
        {
            var next = Byte();
            value = value << 7 | (uint)(next & 0x7F);
            if (next < 0x80) return value;
        }
    }

    /// <summary>s: v with the sign in the lowest bit.</summary>
    public long Signed()
    {
        var value = (long)Unsigned() + 1;
        return (value & 1) != 0 ? -(value >> 1) : value >> 1;
    }

    /// <summary>v that fits a sane size.</summary>
    /// <exception cref="NutException">It does not.</exception>
    public int Size(int most)
    {
        var value = Unsigned();
        return most >= 0 && value <= (ulong)most ? (int)value : throw new NutException($"NUT: {value} where at most {most} is sane");
    }

    /// <summary>v that is above 0.</summary>
    /// <exception cref="NutException">It is not, or is too large to reckon with.</exception>
    public long Positive() =>
        Unsigned() is > 0 and <= int.MaxValue and var value ? (long)value : throw new NutException("NUT: a unit of time that is none");

    /// <summary>vb: a length, and bytes. A length that is not true takes no memory for what never comes.</summary>
    public byte[] Bytes(int most)
    {
        var size = Size(most);
        var bytes = new byte[Math.Min(size, Believed)];
        for (var taken = 0; ;)
        {
            Take(bytes.AsSpan(taken));
            if (bytes.Length == size) return bytes;
            taken = bytes.Length;
            Array.Resize(ref bytes, (int)Math.Min(size, 2L * taken));
        }
    }

    /// <summary>Fills the span.</summary>
    /// <exception cref="EndOfStreamException">The source ended before.</exception>
    public void Take(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_at == _end && bytes.Length >= _buffer.Length)
            {
                var read = source.Read(bytes);
                if (read == 0) throw new EndOfStreamException();
                Volatile.Write(ref _passed, _passed + read);
                bytes = bytes[read..];
                continue;
            }
            if (_at == _end && !Fill()) throw new EndOfStreamException();
            var count = Math.Min(bytes.Length, _end - _at);
            _buffer.AsSpan(_at, count).CopyTo(bytes);
            _at += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Leaves bytes out.</summary>
    public void Skip(long count)
    {
        for (; count > 0; count--) Byte();
    }

    private bool Fill()
    {
        Volatile.Write(ref _passed, _passed + _end);
        (_at, _end) = (0, 0);
        _end = source.Read(_buffer);
        return _end > 0;
    }
}
