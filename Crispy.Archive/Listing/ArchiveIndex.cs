using System.Collections.Concurrent;
using System.Globalization;

namespace Crispy.Archive.Listing;

/// <summary>What the bucket holds, remembered folder by folder within a bound, so that a day is listed once.</summary>
internal sealed class ArchiveIndex(Bucket bucket, ArchiveOptions options, TimeProvider time) : IDisposable
{
    private const int ListingsAtOnce = 8;
    private const int CostOfShelf = 4;

    private readonly ConcurrentDictionary<string, Shelf> _shelves = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _listings = new(ListingsAtOnce);

    /// <summary>How many chunks are remembered.</summary>
    public int Count => _shelves.Values.Sum(shelf => shelf.Items.Length);

    /// <summary>Everything that overlaps a range, by time; stored chunks and losses.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC.</param>
    /// <param name="notBefore">Listings from before this are not good enough.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<List<Recorded>> RangeAsync(string stream, DateTimeOffset from, DateTimeOffset to, DateTimeOffset? notBefore,
        CancellationToken cancellation)
    {
        var shelves = Hours(stream, from, to).Concat(LossDays(stream, from, to)).ToList();
        await SkipAbsentAsync(stream, shelves, cancellation).ConfigureAwait(false);
        await Task.WhenAll(shelves.Select(shelf => SyncAsync(shelf, notBefore, cancellation))).ConfigureAwait(false);
        Trim();
        var found = new List<Recorded>();
        foreach (var shelf in shelves) found.AddRange(shelf.Items.Where(item => item.Overlaps(from, to)));
        found.Sort(Recorded.ByTime);
        return found;
    }

    /// <summary>What is remembered of a range, by time, without asking the bucket.</summary>
    public List<Recorded> Remembered(string stream, DateTimeOffset from, DateTimeOffset to)
    {
        var found = new List<Recorded>();
        foreach (var shelf in _shelves.Values.Where(shelf => shelf.Prefix.StartsWith($"{stream}/", StringComparison.Ordinal)))
            found.AddRange(shelf.Items.Where(item => item.Overlaps(from, to)));
        found.Sort(Recorded.ByTime);
        return found;
    }

    /// <summary>Has what overlaps a range listed again: something about its objects was changed.</summary>
    public void Doubt(string stream, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var shelf in Hours(stream, from, to).Concat(LossDays(stream, from, to))) shelf.Doubt();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var shelf in _shelves.Values) shelf.Dispose();
        _listings.Dispose();
    }

    private IEnumerable<Shelf> Hours(string stream, DateTimeOffset from, DateTimeOffset to)
    {
        var first = Floor(from - Recorded.LongestChunk, TimeSpan.FromHours(1));
        for (var hour = first; hour < to; hour = hour.AddHours(1))
            yield return Get(stream,
                string.Create(CultureInfo.InvariantCulture, $"{stream}/{hour:yyyy'/'MM'/'dd'/'HH}/"), hour.AddHours(1));
    }

    // A loss may be long: a camera's whole night that the disk refused is still cut into windows.
    private IEnumerable<Shelf> LossDays(string stream, DateTimeOffset from, DateTimeOffset to)
    {
        for (var day = Floor(from - Recorded.LongestChunk, TimeSpan.FromDays(1)); day < to; day = day.AddDays(1))
            yield return Get(stream, string.Create(CultureInfo.InvariantCulture, $"{stream}/_loss/{day:yyyy'/'MM'/'dd}/"), day.AddDays(1));
    }

    private Shelf Get(string stream, string prefix, DateTimeOffset end) => _shelves.GetOrAdd(prefix, key => new(stream, key, end));

    /// <summary>Asks for the hours of a day, or the days of a month, in one request, before it asks for each. Most of a long range may be
    /// empty.</summary>
    private async Task SkipAbsentAsync(string stream, List<Shelf> shelves, CancellationToken cancellation)
    {
        const int worthAsking = 4;
        var now = time.GetUtcNow();
        var unknown = shelves.Where(shelf => !shelf.IsCurrent(now, null) && shelf.Items.Length == 0)
            .GroupBy(shelf => Parent(shelf.Prefix), StringComparer.Ordinal).Where(group => group.Count() >= worthAsking);
        await Task.WhenAll(unknown.Select(async group =>
        {
            await _listings.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                var present = (await bucket.FoldersAsync(group.Key, cancellation).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
                foreach (var shelf in group.Where(shelf => shelf.Items.Length == 0 && !present.Contains(shelf.Prefix))) shelf.Clear(now);
            }
            finally
            {
                _listings.Release();
            }
        })).ConfigureAwait(false);
    }

    private static string Parent(string folder) => folder[..(folder.LastIndexOf('/', folder.Length - 2) + 1)];

    private async Task SyncAsync(Shelf shelf, DateTimeOffset? notBefore, CancellationToken cancellation)
    {
        shelf.Used = time.GetUtcNow();
        if (shelf.IsCurrent(shelf.Used, notBefore)) return;
        await shelf.Gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _listings.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                // Somebody else may have brought it up to date meanwhile.
                var now = time.GetUtcNow();
                if (!shelf.IsCurrent(now, notBefore)) await shelf.SyncAsync(bucket, now, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _listings.Release();
            }
        }
        finally
        {
            shelf.Gate.Release();
        }
    }

    private void Trim()
    {
        var excess = _shelves.Values.Sum(shelf => shelf.Items.Length + CostOfShelf) - options.CachedChunks;
        if (excess <= 0) return;
        foreach (var shelf in _shelves.Values.OrderBy(shelf => shelf.Used))
        {
            if (excess <= 0) return;
            // Not disposed: somebody may be about to wait for it.
            if (_shelves.TryRemove(shelf.Prefix, out var removed)) excess -= removed.Items.Length + CostOfShelf;
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset instant, TimeSpan unit) =>
        new(instant.UtcTicks - (instant.UtcTicks % unit.Ticks), TimeSpan.Zero);
}
