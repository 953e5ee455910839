using Crispy.Contracts;

namespace Crispy.Archive.Listing;

/// <summary>Numbers that are nowhere.</summary>
/// <param name="From">Where the chunk before ends, UTC.</param>
/// <param name="To">Where the chunk after begins, UTC.</param>
/// <param name="Epoch">The epoch of the chunk after.</param>
/// <param name="First">The first number.</param>
/// <param name="Last">The last number.</param>
internal sealed record Hole(DateTimeOffset From, DateTimeOffset To, string Epoch, long First, long Last)
{
    public long Count => Last - First + 1;
}

/// <summary>Finds holes in sequence numbers. They count a stream's chunks through all epochs. Only where several
/// stream-handles share a stream, or a spool was wiped, is there more than one chain of them. Within an epoch, which one stream-handle has
/// to itself, they are always gapless.</summary>
internal static class Continuity
{
    /// <summary>The holes between the first and the last of these.</summary>
    /// <param name="items">By time, all of one stream, each chunk once.</param>
    public static List<Hole> Holes(IReadOnlyList<Recorded> items)
    {
        var holes = new List<Hole>();
        var chains = SpoolsOfEpochs(items);
        var last = new Dictionary<string, Recorded>(StringComparer.Ordinal);
        var lastOfEpoch = new Dictionary<string, Recorded>(StringComparer.Ordinal);
        foreach (var item in items.Where(item => item.Epoch.Length > 0))
        {
            var chain = chains.GetValueOrDefault(item.Epoch) ?? "";
            var before = lastOfEpoch.TryGetValue(item.Epoch, out var same) ? same : last.GetValueOrDefault(chain);
            // A smaller number in a later epoch: the spool was wiped, and counts from 0 again.
            if (before.Epoch is not null && item.Sequence > before.Sequence + 1)
                holes.Add(new(Instant.Earlier(before.To, item.From), item.From, item.Epoch, before.Sequence + 1, item.Sequence - 1));
            (lastOfEpoch[item.Epoch], last[chain]) = (item, item);
        }
        return holes;
    }

    /// <summary>Whether there is any.</summary>
    public static bool HasHoles(IReadOnlyList<Recorded> items) => Holes(items).Count > 0;

    private static Dictionary<string, string> SpoolsOfEpochs(IReadOnlyList<Recorded> items)
    {
        var spools = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Spool is { } spool) spools[item.Epoch] = spool;
        }
        return spools;
    }
}
