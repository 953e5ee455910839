using System.Buffers.Binary;
using System.Numerics;

namespace Crispy.UploadWorker.Uploading;

/// <summary>CRC32C (RFC 3720, appendix B.4) of a file, to find out after a refusal whether the file or the line is at fault.</summary>
internal static class Crc32C
{
    /// <summary>As Cloud Storage writes it: base64 of the four bytes in big-endian order.</summary>
    public static string OfFile(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = new byte[128 * 1024];
        var crc = uint.MaxValue;
        for (long offset = 0; RandomAccess.Read(file, buffer, offset) is > 0 and var read; offset += read)
            crc = Append(crc, buffer.AsSpan(0, read));
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        return Convert.ToBase64String(bytes);
    }

    private static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var one in data) crc = BitOperations.Crc32C(crc, one);
        return crc;
    }
}
