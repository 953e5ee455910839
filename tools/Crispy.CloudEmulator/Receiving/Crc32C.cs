using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Crispy.CloudEmulator.Receiving;

/// <summary>CRC32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>Of no bytes; feed it to <see cref="Append"/>.</summary>
    public const uint Start = uint.MaxValue;

    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(bytes.Length & ~7)..]) state = BitOperations.Crc32C(state, rest);
        return state;
    }

    /// <summary>As Cloud Storage writes it: base64 of the big-endian value.</summary>
    public static string ToBase64(uint state)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~state);
        return Convert.ToBase64String(bytes);
    }
}
