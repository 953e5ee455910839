using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Listing;

/// <summary>Finds single chunks by the order of their names, without listing what lies between.</summary>
internal sealed class Places(Bucket bucket, TimeProvider time)
{
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Near = TimeSpan.FromMinutes(2);

    /// <summary>The streams that have anything in the bucket.</summary>
    public async Task<List<string>> StreamsAsync(CancellationToken cancellation) =>
        [.. (await bucket.FoldersAsync("", cancellation).ConfigureAwait(false)).Select(folder => folder.TrimEnd('/'))
            .Where(StreamId.IsValid)];

    /// <summary>Whether a stream has anything in the bucket.</summary>
    public async Task<bool> HasAnyAsync(string stream, CancellationToken cancellation)
    {
        await foreach (var _ in bucket.ListAsync($"{stream}/", Bucket.NameFields, atMost: 1, cancellation: cancellation)
            .ConfigureAwait(false))
            return true;
        return false;
    }

    /// <summary>The chunk that begins last before an instant; null where there is none.</summary>
    public async Task<GcsObject?> LastBeforeAsync(string stream, DateTimeOffset instant, CancellationToken cancellation)
    {
        var name = await LastNameAsync($"{stream}/", NameAt(stream, instant), NameAt(stream, instant - Recent), cancellation)
            .ConfigureAwait(false)
            ?? await LastBelowAsync($"{stream}/", NameAt(stream, instant), levels: 4, cancellation).ConfigureAwait(false);
        return name is null ? null : await bucket.GetAsync(name, cancellation).ConfigureAwait(false);
    }

    /// <summary>The newest chunk; null where there is none. Of a stream that records it takes one listing.</summary>
    public async Task<GcsObject?> NewestAsync(string stream, DateTimeOffset now, CancellationToken cancellation)
    {
        // A camera's clock may be ahead of ours.
        var end = now.AddDays(1);
        var name = await LastNameAsync($"{stream}/", NameAt(stream, end), NameAt(stream, now - Recent), cancellation).ConfigureAwait(false);
        return name is null
            ? await LastBeforeAsync(stream, end, cancellation).ConfigureAwait(false)
            : await bucket.GetAsync(name, cancellation).ConfigureAwait(false);
    }

    /// <summary>The chunk that begins first at an instant or after it; null where there is none.</summary>
    public async Task<GcsObject?> FirstFromAsync(string stream, DateTimeOffset instant, CancellationToken cancellation)
    {
        await foreach (var found in bucket.ListAsync($"{stream}/", Bucket.AllFields, NameAt(stream, instant), $"{stream}/_", 1,
            cancellation).ConfigureAwait(false))
            return ObjectName.TryParse(found.Name, out _) ? found : null;
        return null;
    }

    /// <summary>
    /// The object of a chunk, or of its loss record; null where neither is there. An id does not tell the hour under which its object lies,
    /// only when its epoch began. But numbers grow with time within an epoch, and epochs are named by time. So the place is found by
    /// halving the time since then, one object at each step.
    /// </summary>
    public async Task<GcsObject?> FindAsync(ChunkId id, CancellationToken cancellation)
    {
        if (!Epoch.TryParse(id.Epoch, out var low)) return null;
        var begin = low;
        var high = time.GetUtcNow().AddHours(1);
        while (high - low > Near)
        {
            var middle = low + ((high - low) / 2);
            var found = await FirstFromAsync(id.Stream, middle, cancellation).ConfigureAwait(false);
            var order = found is null ? 1 : Compare(found, id);
            if (order == 0) return found;
            if (order < 0) low = middle;
            else high = middle;
        }
        // Two stream-handles may overlap for a moment, and what has no readable manifest cannot be compared.
        var (start, end) = (low - Recent > begin ? low - Recent : begin - Near, high + Recent);
        await foreach (var found in bucket.ListAsync($"{id.Stream}/", Bucket.AllFields, NameAt(id.Stream, start), NameAt(id.Stream, end),
            cancellation: cancellation).ConfigureAwait(false))
        {
            if (Is(found, id)) return found;
        }
        return await FindLossAsync(id, begin, start, end, cancellation).ConfigureAwait(false);
    }

    private async Task<GcsObject?> FindLossAsync(ChunkId id, DateTimeOffset begin, DateTimeOffset start, DateTimeOffset end,
        CancellationToken cancellation)
    {
        // Where everything around it is lost too, the stored chunks do not tell where it was. Then all losses since the epoch began are
        // gone through, by name.
        (DateTimeOffset, DateTimeOffset)[] ranges = [(start, end), (begin.AddMinutes(-1), time.GetUtcNow().AddHours(1))];
        var ending = $"-{ChunkId.Digits(id.Sequence)}.json";
        foreach (var (from, to) in ranges)
        {
            var (least, before) = (LossNameAt(id.Stream, from), LossNameAt(id.Stream, to));
            await foreach (var found in bucket.ListAsync($"{id.Stream}/_loss/", Bucket.NameFields, least, before,
                cancellation: cancellation).ConfigureAwait(false))
            {
                if (!found.Name!.EndsWith(ending, StringComparison.Ordinal)) continue;
                var whole = await bucket.GetAsync(found.Name, cancellation).ConfigureAwait(false);
                if (whole is not null && ObjectReading.RecordOrNull(LossMetadata.RecordBytes(whole.Metadata))?.Chunk == id.ToString())
                    return whole;
            }
        }
        return null;
    }

    internal static bool Is(GcsObject found, ChunkId id) => found.Told(ChunkMetadata.Chunk) == id.ToString();

    private static int Compare(GcsObject found, ChunkId id)
    {
        if (!ChunkId.TryParse(found.Told(ChunkMetadata.Chunk), out var other)) return -1;
        var byEpoch = string.CompareOrdinal(other.Epoch, id.Epoch);
        return byEpoch != 0 ? byEpoch : other.Sequence.CompareTo(id.Sequence);
    }

    /// <summary>Goes down from years to hours, the latest first.</summary>
    private async Task<string?> LastBelowAsync(string prefix, string before, int levels, CancellationToken cancellation)
    {
        if (levels == 0) return await LastNameAsync(prefix, before, null, cancellation).ConfigureAwait(false);
        var folders = await bucket.FoldersAsync(prefix, cancellation, end: before).ConfigureAwait(false);
        foreach (var folder in folders.Where(folder => char.IsAsciiDigit(folder[prefix.Length])).Reverse())
        {
            if (await LastBelowAsync(folder, before, levels - 1, cancellation).ConfigureAwait(false) is { } name) return name;
        }
        return null;
    }

    private async Task<string?> LastNameAsync(string prefix, string before, string? start, CancellationToken cancellation)
    {
        string? last = null;
        await foreach (var found in bucket.ListAsync(prefix, Bucket.NameFields, start, before, cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (ObjectName.TryParse(found.Name, out _)) last = found.Name;
        }
        return last;
    }

    // Without number and extension: less than every name of this instant, greater than every earlier one.
    private static string NameAt(string stream, DateTimeOffset instant) =>
        Cut(new ObjectName(stream, instant, 0, ChunkContainer.Matroska).ToString());

    private static string LossNameAt(string stream, DateTimeOffset instant) => Cut(new LossObjectName(stream, instant, 0).ToString());

    private static string Cut(string name) => name[..name.LastIndexOf('-')];
}
