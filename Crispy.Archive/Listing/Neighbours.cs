using System.Collections.Concurrent;

namespace Crispy.Archive.Listing;

/// <summary>The chunks on both sides of a range in which there is nothing. They are remembered for a moment: who watches an empty range
/// asks again and again.</summary>
internal sealed class Neighbours(Places places, TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Stream, DateTimeOffset Instant, bool IsBefore),
        (DateTimeOffset At, Recorded? Found)> _known = new();

    /// <summary>The chunk that begins last before an instant; null where there is none.</summary>
    public Task<Recorded?> BeforeAsync(string stream, DateTimeOffset instant, CancellationToken cancellation) =>
        KnownAsync((stream, instant, true), token => places.LastBeforeAsync(stream, instant, token), cancellation);

    /// <summary>The chunk that begins first at an instant or after it; null where there is none.</summary>
    public Task<Recorded?> AfterAsync(string stream, DateTimeOffset instant, CancellationToken cancellation) =>
        KnownAsync((stream, instant, false), token => places.FirstFromAsync(stream, instant, token), cancellation);

    private async Task<Recorded?> KnownAsync((string, DateTimeOffset, bool) key,
        Func<CancellationToken, Task<Google.Apis.Storage.v1.Data.Object?>> find, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(key, out var known) && now - known.At < Kept) return known.Found;
        var found = await find(cancellation).ConfigureAwait(false) is { } item ? new ObjectReading().Read(item) : null;
        if (_known.Count >= Capacity) _known.Clear();
        _known[key] = (now, found);
        return found;
    }
}
