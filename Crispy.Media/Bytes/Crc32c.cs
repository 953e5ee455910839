using System.Numerics;
using System.Runtime.InteropServices;

namespace Crispy.Media.Bytes;

/// <summary>CRC32C, eight bytes an instruction where the processor has one.</summary>
internal static class Crc32c
{
    /// <summary>The state before the first byte.</summary>
    public const uint Initial = uint.MaxValue;

    /// <summary>The state after <paramref name="bytes"/>.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var value in bytes[(words.Length * 8)..]) state = BitOperations.Crc32C(state, value);
        return state;
    }

    /// <summary>The checksum of all bytes appended.</summary>
    public static uint Finish(uint state) => ~state;
}
