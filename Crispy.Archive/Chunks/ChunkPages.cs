using System.Globalization;
using Crispy.Archive.Listing;
using Crispy.Contracts;

namespace Crispy.Archive.Chunks;

/// <summary>Lists chunks in pages, by stream and then by time.</summary>
internal sealed class ChunkPages(RangeReader ranges, Bucket bucket, ChunkJudge judge)
{
    /// <param name="query">What is asked for, checked.</param>
    /// <param name="streams">The streams to look at, in order.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveQueryException">The cursor is none of ours.</exception>
    public async Task<ChunkPage> ReadAsync(ChunkQuery query, IReadOnlyList<string> streams, CancellationToken cancellation)
    {
        var after = Cursor.Parse(query.After);
        var (items, answer) = (new List<ArchivedChunk>(), SpoolAnswer.Known);
        foreach (var stream in streams.Where(stream => after is null || string.CompareOrdinal(stream, after.Stream) >= 0))
        {
            var content = await ranges.ReadAsync(stream, query.From, query.To, cancellation).ConfigureAwait(false);
            if (content.Spool == SpoolAnswer.Away) answer = SpoolAnswer.Away;
            var wanted = content.Items.Where(item => (query.State is null || item.State == query.State)
                && after?.IsBefore(stream, item) != false).Take(query.Limit - items.Count + 1).ToList();
            var page = wanted.Take(query.Limit - items.Count).ToList();
            items.AddRange(await DetailedAsync(stream, page, cancellation).ConfigureAwait(false));
            if (page.Count < wanted.Count) return new(items, Cursor.Of(items[^1]).ToString(), answer);
        }
        return new(items, null, answer);
    }

    /// <summary>Reads again the metadata of a page's objects, which follow each other in the listing.</summary>
    private async Task<List<ArchivedChunk>> DetailedAsync(string stream, List<Recorded> page, CancellationToken cancellation)
    {
        var judged = new Dictionary<string, ArchivedChunk>(StringComparer.Ordinal);
        foreach (var state in (ArchiveState[])[ArchiveState.Stored, ArchiveState.Lost])
        {
            var names = page.Where(item => item.State == state).Select(item => item.ObjectName(stream)).ToHashSet(StringComparer.Ordinal);
            if (names.Count == 0) continue;
            var (first, last) = (names.Min(StringComparer.Ordinal)!, names.Max(StringComparer.Ordinal)!);
            await foreach (var found in bucket.ListAsync($"{stream}/", Bucket.AllFields, first, last + "~", cancellation: cancellation)
                .ConfigureAwait(false))
            {
                if (names.Contains(found.Name!) && judge.Judge(found) is { } chunk) judged[found.Name!] = chunk;
            }
        }
        // What was deleted since it was listed is told as it was then.
        return [.. page.Select(item => item.State is ArchiveState.Stored or ArchiveState.Lost
            && judged.TryGetValue(item.ObjectName(stream), out var chunk) ? chunk : Brief(stream, item))];
    }

    /// <summary>What is known of a chunk without its manifest.</summary>
    public static ArchivedChunk Brief(string stream, Recorded item) => new()
    {
        Chunk = item.Epoch.Length == 0 ? "" : new ChunkId(stream, item.Epoch, item.Sequence).ToString(), Stream = stream,
        Epoch = item.Epoch, Sequence = item.Sequence,
        Object = item.ObjectName(stream), From = item.From, To = item.To, Duration = item.Duration, Container = item.Shape?.Container,
        Size = item.Size, State = item.State, Reason = item.Reason,
        Held = item.Held,
    };
}

/// <summary>A place in the order of chunks: <c>gate.1795453724123456.42</c>, the stream, microseconds since 1970 and the number.</summary>
internal sealed record Cursor(string Stream, long Microseconds, long Sequence)
{
    public static Cursor Of(ArchivedChunk chunk) => new(chunk.Stream, Since1970(chunk.From), chunk.Sequence);

    /// <exception cref="ArchiveQueryException">It is malformed.</exception>
    public static Cursor? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Split('.') is [var stream, var time, var number] && StreamId.IsValid(stream)
            && long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var microseconds)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return new(stream, microseconds, sequence);
        throw new ArchiveQueryException("after", $"'{text}' is not the 'next' of a page");
    }

    public bool IsBefore(string stream, Recorded item) =>
        stream != Stream || (Since1970(item.From), (long)item.Sequence).CompareTo((Microseconds, Sequence)) > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stream}.{Microseconds}.{Sequence}");

    private static long Since1970(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
