namespace Crispy.Media.Bytes;

/// <summary>Bits of a header, most significant first. Past the end all bits are 0 and <see cref="Overrun"/> is set.</summary>
/// <param name="bytes">The header.</param>
/// <param name="isEscaped">Whether emulation prevention bytes are left out, as in a raw byte sequence payload of H.264 or HEVC.</param>
internal ref struct BitReader(ReadOnlySpan<byte> bytes, bool isEscaped = true)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;
    private int _zeros;
    private int _current;
    private int _left;

    /// <summary>Whether more was read than there is.</summary>
    public bool Overrun { get; private set; }

    /// <summary>One bit.</summary>
    public bool Flag() => Bits(1) != 0;

    /// <summary>An unsigned number of 0 to 32 bits.</summary>
    public uint Bits(int count)
    {
        uint value = 0;
        for (var i = 0; i < count; i++) value = value << 1 | Bit();
        return value;
    }

    /// <summary>Leaves bits out.</summary>
    public void Skip(int count)
    {
        while (count > 0 && (_left > 0 || NextByte()))
        {
            var taken = Math.Min(count, _left);
            _left -= taken;
            count -= taken;
        }
    }

    /// <summary>An unsigned Exp-Golomb number, <c>ue(v)</c>.</summary>
    public uint Ue()
    {
        var zeros = 0;
        while (zeros < 32 && !Overrun && Bit() == 0) zeros++;
        return zeros == 32 ? uint.MaxValue : (1u << zeros) - 1 + Bits(zeros);
    }

    /// <summary>A signed Exp-Golomb number, <c>se(v)</c>.</summary>
    public int Se()
    {
        var code = Ue();
        return (code & 1) != 0 ? (int)(code / 2 + 1) : -(int)(code / 2);
    }

    private uint Bit()
    {
        if (_left == 0 && !NextByte()) return 0;
        _left--;
        return (uint)(_current >> _left) & 1;
    }

    private bool NextByte()
    {
        if (isEscaped && _zeros >= 2 && _next < _bytes.Length && _bytes[_next] == 3)
        {
            _next++;
            _zeros = 0;
        }

        if (_next >= _bytes.Length)
        {
            Overrun = true;
            return false;
        }

        Work.Count();
        _current = _bytes[_next++];
        _zeros = _current == 0 ? _zeros + 1 : 0;
        _left = 8;
        return true;
    }
}
