using System.Collections.Concurrent;
using System.Globalization;
using Crispy.Archive.Listing;
using Crispy.Archive.Spooled;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Playing;

/// <summary>A chunk that can be read.</summary>
/// <param name="Name">Its object's name.</param>
/// <param name="Key">What tells it from all others that ever had this name.</param>
/// <param name="Rotation">By how many degrees its picture is turned clockwise to be shown.</param>
/// <param name="Sar">Width to height of a pixel; null where it is square or not known.</param>
/// <param name="Size">The picture as coded.</param>
/// <param name="CopyAsync">Copies its file.</param>
internal sealed record PlayableChunk(string Name, string Key, int Rotation, string? Sar, (int Width, int Height) Size,
    Func<Stream, CancellationToken, Task> CopyAsync);

/// <summary>Finds chunks to play: in the bucket and, while they wait for their upload, at stream-handle. So an outage of the bucket is not
/// one of the picture.</summary>
internal sealed class ChunkSource(Bucket bucket, SpoolClient spools)
{
    // What was found in the bucket once can be played from the cache without it.
    private const int MostRemembered = 5000;

    private readonly ConcurrentDictionary<string, PlayableChunk> _seen = new(StringComparer.Ordinal);

    /// <returns>Null where it is nowhere.</returns>
    /// <exception cref="ArchiveAwayException">The bucket does not answer, and the chunk is not known elsewhere.</exception>
    public async Task<PlayableChunk?> FindAsync(ObjectName name, CancellationToken cancellation)
    {
        if (spools.Playable(name) is { } waiting) return Spooled(name, waiting);
        // While it is away each question takes as long as its patience.
        if (bucket.IsAway && _seen.TryGetValue(name.ToString(), out var known)) return known;
        try
        {
            if (await bucket.GetAsync(name.ToString(), cancellation).ConfigureAwait(false) is { } found) return Remember(Stored(found));
        }
        catch (ArchiveAwayException) when (_seen.TryGetValue(name.ToString(), out known))
        {
            return known;
        }
        return null;
    }

    private PlayableChunk Remember(PlayableChunk chunk)
    {
        if (_seen.Count >= MostRemembered) _seen.Clear();
        return _seen[chunk.Name] = chunk;
    }

    private PlayableChunk Stored(GcsObject found)
    {
        var manifest = ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found.Metadata));
        var key = string.Create(CultureInfo.InvariantCulture, $"{found.Name}#{found.Generation}");
        return new(found.Name!, key, manifest?.Rotation ?? 0, manifest?.Sar, (manifest?.Width ?? 0, manifest?.Height ?? 0),
            (destination, token) => bucket.DownloadAsync(found.Name!, found.Generation, destination, null, token));
    }

    // The upload does not wait for anybody here: where stream-handle has given it away meanwhile, the bucket has it.
    private PlayableChunk Spooled(ObjectName name, Recorded waiting) =>
        new(name.ToString(), $"{name}#spooled {waiting.Epoch} {waiting.Size}", waiting.Shape!.Rotation, waiting.Shape.Sar,
            (waiting.Shape.Width, waiting.Shape.Height), async (destination, token) =>
        {
            if (await spools.CopyAsync(name, destination, token).ConfigureAwait(false)) return;
            if (!await bucket.DownloadAsync(name.ToString(), null, destination, null, token).ConfigureAwait(false))
                throw new NotInArchiveException($"neither stream-handle nor the bucket has '{name}'");
        });
}
