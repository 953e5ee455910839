using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Crispy.Muxing.Writing.Matroska;

/// <summary>Elements of EBML (RFC 8794): an identifier, which holds its own marker bits, a size, and content.</summary>
internal static class EbmlElements
{
    private const uint FourByteSize = 0x1000_0000;

    /// <summary>A size of eight bytes.</summary>
    public static ulong EightByteSize(long size) => 0x0100_0000_0000_0000 | (ulong)size;

    /// <summary>Adds an unsigned number in as few bytes as it takes.</summary>
    public static void Number(this ByteBuilder bytes, uint id, ulong value)
    {
        var length = Math.Max(1, (64 - BitOperations.LeadingZeroCount(value) + 7) / 8);
        bytes.Id(id).Byte(0x80 | length);
        for (var i = length - 1; i >= 0; i--) bytes.Byte((int)(value >> 8 * i));
    }

    /// <summary>Adds an unsigned number in eight bytes, to be replaced later.</summary>
    public static void LongNumber(this ByteBuilder bytes, uint id, ulong value) => bytes.Id(id).Byte(0x88).UInt64(value);

    /// <summary>Adds a floating-point number in eight bytes.</summary>
    public static void Float(this ByteBuilder bytes, uint id, double value) => bytes.LongNumber(id, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Adds text.</summary>
    public static void Text(this ByteBuilder bytes, uint id, string text) => bytes.Binary(id, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds bytes.</summary>
    public static void Binary(this ByteBuilder bytes, uint id, ReadOnlySpan<byte> content) =>
        bytes.Id(id).UInt32(FourByteSize | (uint)content.Length).Bytes(content);

    /// <summary>Begins an element that holds others; its size is known at <see cref="End"/>.</summary>
    /// <returns>What <see cref="End"/> asks for.</returns>
    public static int Begin(this ByteBuilder bytes, uint id) => bytes.Id(id).UInt32(FourByteSize).Length;

    /// <summary>Ends an element that holds others.</summary>
    public static void End(this ByteBuilder bytes, int begin) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes.From(begin - 4), FourByteSize | (uint)(bytes.Length - begin));

    /// <summary>Adds an identifier alone.</summary>
    public static ByteBuilder Id(this ByteBuilder bytes, uint id)
    {
        if (id > 0xFF_FFFF) bytes.Byte((int)(id >> 24));
        if (id > 0xFFFF) bytes.Byte((int)(id >> 16));
        if (id > 0xFF) bytes.Byte((int)(id >> 8));
        return bytes.Byte((int)id);
    }
}
