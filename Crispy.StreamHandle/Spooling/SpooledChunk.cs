using Crispy.Contracts;

namespace Crispy.StreamHandle.Spooling;

/// <summary>A chunk that lies ready in the spool.</summary>
/// <param name="ManifestPath">Where its manifest lies; it is gone once a worker has stored the chunk.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestBytes">Its exact bytes.</param>
/// <param name="Signature">The detached JWS over them.</param>
public sealed record SpooledChunk(string ManifestPath, ChunkManifest Manifest, byte[] ManifestBytes, string Signature)
{
    /// <summary>The chunk's id.</summary>
    public ChunkId Id => new(Manifest.Stream, Manifest.Epoch, Manifest.Sequence);

    /// <summary>Reads the manifest of a chunk whose signature may be gone; null when the manifest is.</summary>
    internal static SpooledChunk? ReadManifest(string manifestPath)
    {
        if (!File.Exists(manifestPath)) return null;
        var bytes = File.ReadAllBytes(manifestPath);
        return new(manifestPath, ManifestJson.Read(bytes), bytes, "");
    }

    /// <summary>Reads a ready chunk back; null when a worker has taken it away meanwhile.</summary>
    /// <exception cref="FormatException">The manifest is malformed.</exception>
    public static SpooledChunk? Read(string manifestPath)
    {
        try
        {
            var bytes = File.ReadAllBytes(manifestPath);
            return new(manifestPath, ManifestJson.Read(bytes), bytes, File.ReadAllText(Path.ChangeExtension(manifestPath, ".jws")));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
