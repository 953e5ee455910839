using System.Buffers.Binary;

namespace Crispy.Muxing.Writing.Mp4;

/// <summary>Boxes (ISO/IEC 14496-12, 4.2).</summary>
internal static class Boxes
{
    private const int Header = 8;

    /// <summary>Begins a box.</summary>
    /// <returns>What <see cref="EndBox"/> asks for.</returns>
    public static int Box(this ByteBuilder bytes, ReadOnlySpan<byte> type) => bytes.UInt32(0).Bytes(type).Length - Header;

    /// <summary>Begins a box with a version and flags.</summary>
    /// <returns>What <see cref="EndBox"/> asks for.</returns>
    public static int FullBox(this ByteBuilder bytes, ReadOnlySpan<byte> type, int version = 0, int flags = 0)
    {
        var box = bytes.Box(type);
        bytes.UInt32((uint)(version << 24 | flags));
        return box;
    }

    /// <summary>Ends a box.</summary>
    public static void EndBox(this ByteBuilder bytes, int box) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes.From(box), (uint)(bytes.Length - box));

    /// <summary>Adds a box of given content.</summary>
    public static void Leaf(this ByteBuilder bytes, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content) =>
        bytes.UInt32((uint)(Header + content.Length)).Bytes(type).Bytes(content);

    /// <summary>Adds an elementary stream descriptor (ISO/IEC 14496-1, 7.2.6.5).</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="objectType">ISO/IEC 14496-1, table 5.</param>
    /// <param name="streamType">4 is visual, 5 audio.</param>
    /// <param name="specific">What the decoder is told; none where it is empty.</param>
    public static void ElementaryStream(this ByteBuilder bytes, int objectType, int streamType, ReadOnlySpan<byte> specific)
    {
        var decoder = 13 + (specific.IsEmpty ? 0 : 5 + specific.Length);
        var box = bytes.FullBox("esds"u8);
        bytes.Descriptor(3, 3 + 5 + decoder + 6).UInt16(0).Byte(0);
        bytes.Descriptor(4, decoder).Byte(objectType).Byte(streamType << 2 | 1).Zeros(11);
        if (!specific.IsEmpty) bytes.Descriptor(5, specific.Length).Bytes(specific);
        bytes.Descriptor(6, 1).Byte(2);
        bytes.EndBox(box);
    }

    private static ByteBuilder Descriptor(this ByteBuilder bytes, int tag, int length) =>
        bytes.Byte(tag).Byte(0x80 | length >> 21).Byte(0x80 | length >> 14).Byte(0x80 | length >> 7).Byte(length & 0x7F);
}
