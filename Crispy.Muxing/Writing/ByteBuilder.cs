using System.Buffers;
using System.Buffers.Binary;

namespace Crispy.Muxing.Writing;

/// <summary>Bytes in pooled memory, most significant first. Cleared and used again, it takes no more.</summary>
internal sealed class ByteBuilder : IDisposable
{
    private const int FirstSize = 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>All bytes so far; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Begins again.</summary>
    public void Clear() => Length = 0;

    /// <summary>The bytes from an offset on, to change what was written.</summary>
    public Span<byte> From(int offset) => _bytes.AsSpan(offset, Length - offset);

    /// <summary>Adds the low 8 bits.</summary>
    public ByteBuilder Byte(int value)
    {
        Take(1)[0] = (byte)value;
        return this;
    }

    /// <summary>Adds the low 16 bits.</summary>
    public ByteBuilder UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)value);
        return this;
    }

    /// <summary>Adds 32 bits.</summary>
    public ByteBuilder UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
        return this;
    }

    /// <summary>Adds 64 bits.</summary>
    public ByteBuilder UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
        return this;
    }

    /// <summary>Adds 16 bits, least significant byte first.</summary>
    public ByteBuilder LittleUInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)value);
        return this;
    }

    /// <summary>Adds 32 bits, least significant byte first.</summary>
    public ByteBuilder LittleUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
        return this;
    }

    /// <summary>Adds bytes as they are.</summary>
    public ByteBuilder Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Take(bytes.Length));
        return this;
    }

    /// <summary>Adds zeros.</summary>
    public ByteBuilder Zeros(int count)
    {
        Take(count).Clear();
        return this;
    }

    /// <summary>Gives the memory back; without it the memory is lost to the pool, and no more.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Written.CopyTo(larger);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length) Grow(Math.Max(_bytes.Length * 2, Length + count));
        var taken = _bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }
}
