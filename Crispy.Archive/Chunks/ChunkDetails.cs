using Crispy.Archive.Listing;
using Crispy.Archive.Spooled;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Chunks;

/// <summary>Finds out all that is known of one chunk.</summary>
internal sealed class ChunkDetails(Bucket bucket, Places places, SpoolClient spools, StateHistory states,
    ChunkJudge judge, ArchiveOptions options)
{
    /// <returns>Null where neither the bucket nor a spool has it.</returns>
    public async Task<ChunkDetail?> ReadAsync(ChunkId id, CancellationToken cancellation)
    {
        var remembered = await states.ReadAsync(id, cancellation).ConfigureAwait(false);
        if (await FindAsync(id, remembered?.Object, cancellation).ConfigureAwait(false) is { } found) return Stored(found, remembered);
        var spool = await spools.ListAsync(id.Stream, cancellation).ConfigureAwait(false);
        foreach (var item in spool.Items.Where(item => item.Epoch == id.Epoch && item.Sequence == id.Sequence))
            return new() { Chunk = ChunkPages.Brief(id.Stream, item), History = remembered?.States, Attempts = remembered?.Attempts };
        // It may have left the spool for the bucket between the two questions.
        return spool.Knows && await FindAsync(id, remembered?.Object, cancellation).ConfigureAwait(false) is { } arrived
            ? Stored(arrived, remembered)
            : null;
    }

    /// <summary>The object of a chunk, or of its loss record; null where the bucket has neither.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="remembered">The object's name as Redis has it; null where it does not.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<GcsObject?> FindAsync(ChunkId id, string? remembered, CancellationToken cancellation)
    {
        if (ObjectName.TryParse(remembered, out var name) && (name.Stream, name.Sequence) == (id.Stream, id.Sequence)
            && await bucket.GetAsync(remembered!, cancellation).ConfigureAwait(false) is { } found
            && Places.Is(found, id)) return found;
        return await places.FindAsync(id, cancellation).ConfigureAwait(false);
    }

    /// <summary>Where a chunk would be known by Redis to lie.</summary>
    public async Task<GcsObject?> FindAsync(ChunkId id, CancellationToken cancellation) =>
        await FindAsync(id, (await states.ReadAsync(id, cancellation).ConfigureAwait(false))?.Object, cancellation).ConfigureAwait(false);

    private ChunkDetail? Stored(GcsObject found, RememberedStates? remembered)
    {
        if (judge.Judge(found) is not { } chunk) return null;
        var traceparent = found.Told(ChunkMetadata.Traceparent)
            ?? ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found.Metadata))?.Traceparent;
        return new()
        {
            Chunk = chunk, Manifest = ChunkJudge.Statement(found), History = remembered?.States, Attempts = remembered?.Attempts,
            Generation = found.Generation,
            Traceparent = traceparent, TraceUrl = TraceUrl(traceparent),
        };
    }

    // W3C Trace Context, section 3.2.2: version-traceid-parentid-flags.
    private string? TraceUrl(string? traceparent) =>
        options.TraceUrl is { } template && traceparent?.Split('-') is [_, { Length: 32 } trace, ..] && trace.All(char.IsAsciiHexDigitLower)
        ? template.Replace(ArchiveOptions.TraceIdPlace, trace, StringComparison.Ordinal)
        : null;
}
