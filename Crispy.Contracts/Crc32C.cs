using System.Buffers.Binary;
using System.IO.Hashing;

namespace Crispy.Contracts;

/// <summary>
/// CRC32C (Castagnoli; RFC 3720, appendix B.4), the checksum that Cloud Storage keeps of every object.
/// </summary>
public static class Crc32C
{
    /// <summary>Computes it of bytes that come one after the other.</summary>
    public static Crc32 Begin() => new(Crc32ParameterSet.Crc32C);

    /// <summary>Of some bytes, as Cloud Storage writes it.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => ToBase64(Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, bytes));

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
        var crc = Begin();
        for (long offset = 0; RandomAccess.Read(file, buffer, offset) is > 0 and var read; offset += read)
            crc.Append(buffer.AsSpan(0, read));
        return ToBase64(crc.GetCurrentHashAsUInt32());
    }
}
