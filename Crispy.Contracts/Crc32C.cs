using System.Buffers.Binary;
using System.Numerics;

namespace Crispy.Contracts;

/// <summary>
/// CRC32C (Castagnoli; RFC 3720, appendix B.4), the checksum that Cloud Storage keeps of every object. It goes by the processor's own
/// instruction where there is one, eight bytes at a time. (System.IO.Hashing has CRC-32 of another polynomial only.)
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes followed by others.</summary>
    /// <param name="crc">Of the bytes before; 0 where there are none.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var register = ~crc;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes) register = BitOperations.Crc32C(register, one);
        return ~register;
    }

    /// <summary>As Cloud Storage writes it: base64 of the four bytes in big-endian order.</summary>
    public static string ToBase64(uint crc)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Of a whole file, as Cloud Storage writes it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string OfFile(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = new byte[128 * 1024];
        var crc = 0u;
        for (long offset = 0; RandomAccess.Read(file, buffer, offset) is > 0 and var read; offset += read)
            crc = Append(crc, buffer.AsSpan(0, read));
        return ToBase64(crc);
    }
}
