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

    /// <summary>Objects that it was composed of; null for one that was uploaded. A composed object has no MD5.</summary>
    public int? Components { get; init; }

    /// <summary>Changes with every generation and metageneration.</summary>
    public string ETag => Storing.ETag.OfObject(Generation, Metageneration);
}
