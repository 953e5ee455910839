using Crispy.Archive.Listing;

namespace Crispy.Archive.Playing;

/// <summary>
/// Says how far a live playlist reaches. A list may only grow at its end, but chunks reach the bucket in any order. So it ends before a
/// chunk that is on its way, unless later ones have been there for a while. Then that chunk is passed over, and stays so if it comes after
/// all.
/// </summary>
internal static class LiveEdge
{
    /// <summary>How long a chunk is waited for once a later one is stored.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Of chunks this short, one is not enough for a player that asks for news once a chunk.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    /// <summary>The chunks of the list.</summary>
    /// <param name="items">What is known, by time.</param>
    /// <param name="holes">Numbers that are nowhere among them.</param>
    /// <param name="from">Only chunks that begin then or later.</param>
    /// <param name="now">UTC.</param>
    /// <param name="isAllSeen">Whether chunks are seen before the bucket has them: then none comes as a surprise,
    /// and one is in the list wherever it is.</param>
    public static List<Recorded> Playable(IReadOnlyList<Recorded> items, IReadOnlyList<Hole> holes, DateTimeOffset from,
        DateTimeOffset now, bool isAllSeen = false)
    {
        var begun = items.Where(item => item.From >= from).ToList();
        var passed = PassedAt(begun);
        var missingBefore = holes.Select(hole => (hole.Epoch, hole.Last + 1)).ToHashSet();
        var playable = new List<Recorded>(begun.Count);
        for (var index = 0; index < begun.Count; index++)
        {
            var item = begun[index];
            if (playable.Count > 0 && missingBefore.Contains((item.Epoch, item.Sequence)) && now <= passed[index]) break;
            if (item is { State: ArchiveState.Spooled, IsAtHand: false } && now <= passed[index + 1]) break;
            if (IsPlayable(item) && (isAllSeen || !(item.Arrived > passed[index + 1]))) playable.Add(item);
        }
        return playable;
    }

    /// <summary>The chunk with which to begin: about two windows behind the present.</summary>
    public static Recorded Begin(IReadOnlyList<Recorded> playable) =>
        playable.Count > 1 && playable[^1].Duration < Short ? playable[^2] : playable[^1];

    /// <summary>Whether a chunk can be a segment.</summary>
    public static bool IsPlayable(Recorded item) =>
        (item.State == ArchiveState.Stored || item.IsAtHand) && item.Duration > TimeSpan.Zero && item.Shape is not null;

    /// <summary>For each place in the order of time: when that which is missing before it is given up.</summary>
    private static DateTimeOffset[] PassedAt(List<Recorded> items)
    {
        var passed = new DateTimeOffset[items.Count + 1];
        passed[^1] = DateTimeOffset.MaxValue;
        for (var index = items.Count - 1; index >= 0; index--)
        {
            var own = items[index] switch
            {
                { State: ArchiveState.Stored, Arrived: { } arrived } => arrived + Patience,
                { IsAtHand: true } waiting => waiting.To + Patience,
                _ => DateTimeOffset.MaxValue,
            };
            passed[index] = own < passed[index + 1] ? own : passed[index + 1];
        }
        return passed;
    }
}
