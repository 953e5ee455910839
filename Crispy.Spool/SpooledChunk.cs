using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>A chunk that lies ready in the spool.</summary>
/// <param name="ManifestPath">Where its manifest lies; it is gone once a worker has stored the chunk.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestBytes">Its exact bytes.</param>
/// <param name="Signature">The detached JWS over them.</param>
public sealed record SpooledChunk(string ManifestPath, ChunkManifest Manifest, byte[] ManifestBytes, string Signature)
{
    /// <summary>The chunk's id.</summary>
    public ChunkId Id => new(Manifest.Stream, Manifest.Epoch, Manifest.Sequence);

    /// <summary>Reads a chunk back by its manifest's file; null when somebody has taken that away meanwhile.</summary>
    /// <exception cref="FormatException">The manifest is malformed, or lacks its signature.</exception>
    public static SpooledChunk? Read(string manifestPath)
    {
        try
        {
            var (bytes, signature) = SignedManifest.Read(manifestPath);
            return new(manifestPath, ManifestJson.Read(bytes), bytes, signature);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="Read"/>, but null also where the file is malformed:
    /// it must not keep the stream's other chunks waiting.</summary>
    public static SpooledChunk? TryRead(string manifestPath)
    {
        try
        {
            return Read(manifestPath);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A chunk's manifest alone; null where its file is gone, cannot be read or is malformed.</summary>
    public static ChunkManifest? ManifestOrNull(string manifestPath)
    {
        try
        {
            return ManifestJson.Read(SignedManifest.Read(manifestPath).ManifestBytes);
        }
        catch (Exception unreadable) when (unreadable is IOException or FormatException)
        {
            return null;
        }
    }
}
