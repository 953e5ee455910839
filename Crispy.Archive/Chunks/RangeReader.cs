using Crispy.Archive.Listing;
using Crispy.Archive.Retaining;
using Crispy.Archive.Spooled;
using Crispy.Contracts;

namespace Crispy.Archive.Chunks;

/// <summary>All that is known of a stream in a range.</summary>
/// <param name="Items">By time, each chunk once.</param>
/// <param name="Holes">Numbers that are nowhere, between any two chunks of the range and its neighbours.</param>
/// <param name="Last">Where the latest chunk ends that was seen, the range's neighbours included; null where none was.</param>
/// <param name="Read">When this was read, UTC.</param>
/// <param name="Spool">Whether the spools were asked.</param>
/// <param name="Spooled">All that waits in them, of any time.</param>
internal sealed record RangeContent(IReadOnlyList<Recorded> Items, IReadOnlyList<Hole> Holes, DateTimeOffset? Last, DateTimeOffset Read,
    SpoolAnswer Spool, IReadOnlyList<Recorded> Spooled)
{
    /// <summary>Until when what is not there was deleted as chosen, UTC; null where nothing was.</summary>
    public DateTimeOffset? ExpiredUntil { get; init; }

    /// <summary>How many numbers of the range that concerns.</summary>
    public long Expired { get; init; }

    /// <summary>How long the bucket keeps the stream's video; null where that is not known.</summary>
    public RetentionPeriod? Kept { get; init; }

    /// <summary>From when on chunks may be on their way that are not known yet. The next chunk after the last may still be recorded, for as
    /// long as a chunk may be. Null where that time is over.</summary>
    public DateTimeOffset? PendingFrom => Last is { } last && Read - last < Recorded.LongestChunk ? last : null;
}

/// <summary>Merges what lies in the bucket with what lies in the spools.</summary>
internal sealed class RangeReader(ArchiveIndex index, Neighbours neighbours, Places places, SpoolClient spools,
    Bucket bucket, BucketRules rules,
    TimeProvider time)
{
    // A hole at the edge of a range shows only by the chunks on both its sides. Whole units, so that a range that moves with the clock asks
    // for the same neighbours for a while.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    // Players give a list up after ten seconds.
    private static readonly TimeSpan PlayersPatience = TimeSpan.FromSeconds(4);

    // In a bucket that was copied everything came late: a plot is not to list all of it.
    private static readonly TimeSpan LongestLookBack = TimeSpan.FromDays(1);

    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="notBefore">Listings from before this are not good enough.</param>
    /// <exception cref="NotInArchiveException">Neither the bucket nor stream-handle knows the stream.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<RangeContent> ReadAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation,
        DateTimeOffset? notBefore = null)
    {
        // The spool before the bucket: a chunk leaves the spool only when the bucket has it, so that it is seen in one of them.
        var asked = time.GetUtcNow();
        var spool = await spools.ListAsync(stream, cancellation).ConfigureAwait(false);
        var items = await MergedAsync(stream, from, to, spool, notBefore, cancellation).ConfigureAwait(false);
        if (items.Count == 0) await RequireKnownAsync(stream, spool, cancellation).ConfigureAwait(false);
        var holes = Continuity.Holes(items);
        if (holes.Count > 0)
        {
            // A listing from before the spool was asked may lack what has left the spool since.
            items = await MergedAsync(stream, from, to, spool, asked, cancellation).ConfigureAwait(false);
            holes = Continuity.Holes(items);
        }
        DateTimeOffset? last = items.Count == 0 ? null : items.Max(item => item.To);
        var kept = await rules.VideoAsync(stream, cancellation).ConfigureAwait(false);
        var expired = Expiry.Until(items, kept, asked);
        var found = holes.Where(hole => hole.From < to && hole.To >= from).ToLookup(hole => hole.To <= expired);
        return new([.. items.Where(item => item.Overlaps(from, to))], [.. found[false]], last, asked, spool.Answer, spool.Items)
        {
            ExpiredUntil = expired, Expired = found[true].Sum(hole => hole.Count), Kept = kept,
        };
    }

    /// <summary>As <see cref="ReadAsync"/>; but while the bucket does not answer, what stream-handle has, and what is remembered
    /// of the bucket.</summary>
    /// <exception cref="NotInArchiveException">Neither the bucket nor stream-handle knows the stream.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer,
    /// and nobody else knows anything of the range that can be played.</exception>
    public async Task<RangeContent> ReadPlayableAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        ArchiveAwayException? away = null;
        if (!bucket.IsAway)
        {
            using var limit = new CancellationTokenSource(PlayersPatience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                return await ReadAsync(stream, from, to, spools.TellsShapes ? either.Token : cancellation).ConfigureAwait(false);
            }
            catch (ArchiveAwayException known)
            {
                away = known;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                bucket.NoteAway();
                away = new($"the bucket '{bucket.Name}' does not answer in time");
            }
        }
        var asked = time.GetUtcNow();
        var spool = await spools.ListAsync(stream, cancellation).ConfigureAwait(false);
        var items = Merge(index.Remembered(stream, from - Margin, to + Margin), spool.Items);
        List<Recorded> within = [.. items.Where(item => item.Overlaps(from, to))];
        if (!within.Exists(item => item.IsAtHand || item.State == ArchiveState.Stored))
            return away is null ? await ReadAsync(stream, from, to, cancellation).ConfigureAwait(false) : throw away;
        return new(within, [.. Continuity.Holes(items).Where(hole => hole.From < to && hole.To >= from)], items.Max(item => item.To), asked,
            spool.Answer, spool.Items);
    }

    /// <summary>Chunks that ended before an instant, and that the bucket did not have then. They are looked for in longer and longer
    /// stretches backwards, for as long as there are any. After an outage they are many, and most of the time there are none. Of what the
    /// bucket has, at most 31 hours are reached.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="instant">UTC.</param>
    /// <param name="spooled">What waits in its spools now.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<List<Recorded>> LateAsync(string stream, DateTimeOffset instant, IReadOnlyList<Recorded> spooled,
        CancellationToken cancellation)
    {
        var late = new Dictionary<(string, long), Recorded>();
        foreach (var item in spooled.Where(item => item.State == ArchiveState.Spooled && item.To <= instant))
            late[(item.Epoch, item.Sequence)] = item;
        for (var (end, length) = (instant, TimeSpan.FromHours(1)); instant - end < LongestLookBack; end -= length, length *= 2)
        {
            var stretch = (await index.RangeAsync(stream, end - length, end, null, cancellation).ConfigureAwait(false))
                .FindAll(item => item.State == ArchiveState.Stored && item.To <= instant);
            // A chunk that was just stored may still be in the answer about the spool.
            foreach (var item in stretch) late.Remove((item.Epoch, item.Sequence));
            var found = stretch.FindAll(item => item.IsLive && item.Arrived > instant);
            foreach (var item in found) late[(item.Epoch, item.Sequence)] = item;
            if (found.Count == 0 && stretch.Count > 0) break;
        }
        return [.. late.Values];
    }

    private async Task<List<Recorded>> MergedAsync(string stream, DateTimeOffset from, DateTimeOffset to, SpoolContent spool,
        DateTimeOffset? notBefore, CancellationToken cancellation)
    {
        var (start, end) = (from - Margin, to + Margin);
        (start, end) = (start.AddTicks(-(start.UtcTicks % Margin.Ticks)), end.AddTicks(Margin.Ticks - (end.UtcTicks % Margin.Ticks)));
        var listed = await index.RangeAsync(stream, start, end, notBefore, cancellation).ConfigureAwait(false);
        // Where none is close by, the nearest one: so that numbers missing for hours show as missing in the middle of them too.
        // Nothing comes before number 0.
        if (!listed.Exists(item => item.From < from) && (listed.Count == 0 || listed[0].Sequence > 0)
            && await neighbours.BeforeAsync(stream, start, cancellation).ConfigureAwait(false) is { } before)
            listed.Add(before);
        if (!listed.Exists(item => item.From >= to) && end < time.GetUtcNow()
            && await neighbours.AfterAsync(stream, end, cancellation).ConfigureAwait(false) is { } after)
            listed.Add(after);
        return Merge(listed, spool.Items);
    }

    /// <summary>Each chunk once: what is stored is neither lost, no matter what was declared, nor in the spool any more.</summary>
    private static List<Recorded> Merge(IEnumerable<Recorded> listed, IEnumerable<Recorded> spooled)
    {
        var merged = new Dictionary<(string, long, long), Recorded>();
        foreach (var item in listed.Concat(spooled))
        {
            // What cannot be read has no epoch: then its time tells it from others.
            var key = (item.Epoch, item.Sequence, item.Epoch.Length == 0 ? item.From.UtcTicks : 0);
            if (!merged.TryGetValue(key, out var other) || Rank(item.State) < Rank(other.State)) merged[key] = item;
        }
        var items = merged.Values.ToList();
        items.Sort(Recorded.ByTime);
        return items;
    }

    private static int Rank(ArchiveState state) => state switch
    {
        ArchiveState.Stored => 0,
        ArchiveState.Lost => 1,
        ArchiveState.Dead => 2,
        _ => 3,
    };

    private async Task RequireKnownAsync(string stream, SpoolContent spool, CancellationToken cancellation)
    {
        if (spool.Knows || await places.HasAnyAsync(stream, cancellation).ConfigureAwait(false)) return;
        throw new NotInArchiveException($"no stream '{stream}' is known: the bucket holds nothing of it");
    }
}
