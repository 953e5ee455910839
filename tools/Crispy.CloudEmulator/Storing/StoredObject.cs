namespace Crispy.CloudEmulator.Storing;

/// <summary>The live generation of one object.</summary>
internal sealed record StoredObject
{
    public required string Bucket { get; init; }

    public required string Name { get; init; }

    /// <summary>Microseconds since 1970 at creation, made unique and ever increasing.</summary>
    public required long Generation { get; init; }

    public required long Metageneration { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Base64 of the big-endian CRC32C.</summary>
    public required string Crc32c { get; init; }

    /// <summary>Base64 of the MD5; null when the emulator runs without.</summary>
    public required string? Md5 { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }

    public required ObjectAttributes Attributes { get; init; }

    /// <summary>File below the bucket's folder.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Base64 of the protobuf {1: generation, 2: metageneration}, the form that the service's own ETags have.
    /// </summary>
    public string ETag
    {
        get
        {
            Span<byte> bytes = stackalloc byte[22];
            var length = 0;
            bytes[length++] = 0x08;
            WriteVarint(bytes, ref length, (ulong)Generation);
            bytes[length++] = 0x10;
            WriteVarint(bytes, ref length, (ulong)Metageneration);
            return Convert.ToBase64String(bytes[..length]);
        }
    }

    private static void WriteVarint(Span<byte> bytes, ref int length, ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
    }
}
