using Crispy.Archive.Listing;
using Crispy.Exporting;

namespace Crispy.Archive.Exporting;

/// <summary>An export that can be made: its chunks, its folder, and its place among those that are made at once.
/// Disposing gives all of it back.</summary>
internal sealed class PreparedExport(
    ExportRequest request, List<Recorded> stored, ExportPlan plan, ExportFolder folder, IDisposable place, ChunkFetcher fetcher,
    ExportProgress progress) : IDisposable
{
    private const int Ahead = 3;

    private readonly Dictionary<string, string> _wrong = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Task<(FetchedChunk?, string?)>> _fetching = [];
    private readonly CancellationTokenSource _end = new();

    public ExportRequest Request => request;

    public ExportProgress Progress => progress;

    public ExportFolder Folder => folder;

    public long Bytes => stored.Sum(item => item.Size);

    public string PathOf(FetchedChunk chunk) => folder[chunk.Piece.Name];

    /// <summary>The first chunk that is what was signed; null where none is.</summary>
    public async Task<FetchedChunk?> FirstAsync(CancellationToken cancellation)
    {
        await foreach (var chunk in ChunksAsync(cancellation).ConfigureAwait(false)) return chunk;
        return null;
    }

    /// <summary>The chunks, in order, some of them fetched ahead. What is not what was signed is left out.</summary>
    public async IAsyncEnumerable<FetchedChunk> ChunksAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var index = 0; index < stored.Count; index++)
        {
            for (var ahead = index; ahead < Math.Min(stored.Count, index + Ahead); ahead++) Fetch(ahead);
            var (chunk, wrong) = await _fetching[index].WaitAsync(cancellation).ConfigureAwait(false);
            // The first one is asked for twice; of a day there are too many to keep.
            if (index > 0) _fetching.Remove(index);
            if (chunk is not null) yield return chunk;
            else _wrong[Exporter.ToChunk(request.Stream, stored[index]).Chunk] = wrong!;
        }
    }

    /// <summary>What of the range is not in it.</summary>
    public IReadOnlyList<ExportHole> Holes(IReadOnlyList<FetchedChunk> chunks)
    {
        if (_wrong.Count == 0) return plan.Holes;
        var bad = stored.Select(item => (Item: item, Chunk: Exporter.ToChunk(request.Stream, item)))
            .Where(pair => _wrong.ContainsKey(pair.Chunk.Chunk))
            .Select(pair => new ExportHole(pair.Item.From, pair.Item.To, "bad", _wrong[pair.Chunk.Chunk], 1));
        return [.. plan.Holes.Concat(bad).OrderBy(hole => hole.From)];
    }

    public void Dispose()
    {
        _end.Cancel();
        // What writes into the folder is over before it goes.
        try
        {
            Task.WaitAll(_fetching.Values.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)).ToArray(),
                TimeSpan.FromSeconds(10));
        }
        finally
        {
            _end.Dispose();
            folder.Dispose();
            place.Dispose();
        }
    }

    private void Fetch(int index)
    {
        if (!_fetching.ContainsKey(index)) _fetching[index] = fetcher.FetchAsync(request.Stream, stored[index], folder, _end.Token);
    }
}
