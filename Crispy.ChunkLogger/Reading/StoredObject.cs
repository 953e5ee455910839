using Crispy.ChunkLogger.Events;

namespace Crispy.ChunkLogger.Reading;

/// <summary>What the bucket says of one generation of an object.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Generation">The generation.</param>
internal sealed record StoredObject(string Bucket, string Name, long Generation)
{
    /// <summary>Size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>CRC32C of its bytes as Cloud Storage writes it.</summary>
    public required string Crc32c { get; init; }

    public string? MediaLink { get; init; }

    /// <summary><c>gzip</c> where a download may come inflated and whole, even if a range was asked for; null as a rule.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>The custom metadata.</summary>
    public required IDictionary<string, string> Metadata { get; init; }

    /// <summary>One generation of one object: what an entry is written once for.</summary>
    public string Identity => ObjectHint.Identify(Bucket, Name, Generation);
}
