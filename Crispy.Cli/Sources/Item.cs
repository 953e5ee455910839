using Crispy.Contracts;

namespace Crispy.Cli.Sources;

/// <summary>Something that says to be a chunk or a loss record, with all that came with it; nothing of it is believed yet.</summary>
/// <param name="Place">Where it lies, for people.</param>
/// <param name="Name">The object's name; null in a spool, where nothing has one yet.</param>
/// <param name="IsLoss">Whether it says to be a loss record.</param>
/// <param name="Statement">The bytes of its manifest or loss record; null where there are none.</param>
/// <param name="Signature">The detached JWS over them; null where there is none.</param>
internal sealed record Item(string Place, string? Name, bool IsLoss, byte[]? Statement, string? Signature)
{
    /// <summary>Size in bytes, as the bucket tells.</summary>
    public long? Size { get; init; }

    /// <summary>CRC32C, as the bucket tells.</summary>
    public string? Crc32c { get; init; }

    /// <summary>Whether it waits in a spool for its upload.</summary>
    public bool Waits { get; init; }

    /// <summary>Whether a hold keeps it in its bucket, at any age.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Copies the content to a stream; null where the content is not to be had here, only what was said of it.</summary>
    public Func<Stream, CancellationToken, Task>? CopyToAsync { get; init; }

    /// <summary>An object of a bucket; null where it is neither a chunk nor a loss record.</summary>
    public static Item? OfObject(string place, string name, IDictionary<string, string>? metadata)
    {
        var isLoss = LossObjectName.TryParse(name, out _) || metadata?.ContainsKey(LossMetadata.Record) == true;
        if (!isLoss && !ObjectName.TryParse(name, out _) && metadata?.ContainsKey(ChunkMetadata.Manifest) != true) return null;
        var statement = isLoss ? LossMetadata.RecordBytes(metadata) : ChunkMetadata.ManifestBytes(metadata);
        return new(place, name, isLoss, statement,
            metadata?.TryGetValue(ChunkMetadata.Signature, out var signature) == true ? signature : null);
    }

    /// <summary>Copies a file.</summary>
    public static async Task CopyFileAsync(string path, Stream destination, CancellationToken cancellation)
    {
        await using var file = new FileStream(path,
            new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
        await file.CopyToAsync(destination, cancellation);
    }
}

/// <summary>Where a stream's chain ended when somebody last looked: what the bucket must hold at least.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Sequence">The number of its last link.</param>
/// <param name="Hash">The last link's hash; null where only its number is known.</param>
/// <param name="Witness">Who says so.</param>
internal sealed record KnownEnd(string Stream, long Sequence, string? Hash, string Witness);
