using Crispy.Contracts;

namespace Crispy.Exporting;

/// <summary>Part of a range that an export does not hold.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Kind"><c>gap</c> (nothing was recorded), <c>lost</c>, <c>dead</c>,
/// <c>spooled</c> (not stored yet) or <c>bad</c> (not what was signed).</param>
/// <param name="Reason">Why: the archive's reason of a gap or a loss, or what is wrong with a chunk.</param>
/// <param name="Chunks">How many chunks that are; of a gap how many numbers are missing.</param>
public sealed record ExportHole(DateTimeOffset From, DateTimeOffset To, string Kind, string? Reason, long Chunks);

/// <summary>A time in which nothing was recorded, with the archive's reason.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Reason">The archive's reason.</param>
/// <param name="Chunks">How many numbers are missing.</param>
public sealed record ExportGap(DateTimeOffset From, DateTimeOffset To, string? Reason, long Chunks);

/// <summary>Which chunks an export joins, and what of its range they leave out.</summary>
/// <param name="Chunks">Stored chunks, by time.</param>
/// <param name="Holes">By time.</param>
public sealed record ExportPlan(IReadOnlyList<ExportChunk> Chunks, IReadOnlyList<ExportHole> Holes)
{
    // Neighbours meet to the microsecond by the clock, a container's rounding aside. The archive's timelines use the same.
    private static readonly TimeSpan Seam = TimeSpan.FromMilliseconds(20);

    /// <summary>Plans.</summary>
    /// <param name="items">All chunks that overlap the range, by time.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">Up to where the range must be there, UTC; null where it may end with the last stored chunk.</param>
    /// <param name="bad">Chunks that are not what was signed, with what is wrong.</param>
    public static ExportPlan Of(IReadOnlyList<ExportChunk> items, DateTimeOffset from, DateTimeOffset? to,
        IReadOnlyDictionary<string, string> bad)
    {
        var (kept, holes) = (new List<ExportChunk>(), new List<ExportHole>());
        var at = from;
        foreach (var item in items)
        {
            if (item.From - at > Seam) Add(holes, new(at, item.From, "gap", null, 0));
            if (bad.TryGetValue(item.Chunk, out var reason)) Add(holes, Within(item, from, to, "bad", reason));
            else if (item.State != ExportChunk.Stored) Add(holes, Within(item, from, to, item.State, item.Reason));
            else kept.Add(item);
            if (item.To > at) at = item.To;
        }
        if (to is { } end && end - at > Seam) Add(holes, new(at, end, "gap", null, 0));
        // Without a wanted end, what is still on its way after the last stored chunk is not missed.
        if (to is null) holes.RemoveAll(hole => hole.Kind == "spooled" && (kept.Count == 0 || hole.From >= kept[^1].To));
        return new(kept, holes);
    }

    /// <summary>The plan with the archive's reasons for its gaps.</summary>
    public ExportPlan Explained(IReadOnlyList<ExportGap> spans) => this with
    {
        Holes = [.. Holes.Select(hole => hole.Kind == "gap" && spans.Where(span => span.From < hole.To && span.To > hole.From)
            .MaxBy(span => (Instant.Earlier(span.To, hole.To) - Instant.Later(span.From, hole.From), span.Chunks)) is { } span
            ? hole with { Reason = span.Reason, Chunks = span.Chunks }
            : hole)],
    };

    private static ExportHole Within(ExportChunk item, DateTimeOffset from, DateTimeOffset? to, string kind, string? reason) =>
        new(Instant.Later(item.From, from), to is { } end ? Instant.Earlier(item.To, end) : item.To, kind, reason, 1);

    private static void Add(List<ExportHole> holes, ExportHole hole)
    {
        if (holes.Count > 0 && holes[^1] is var last && (last.Kind, last.Reason) == (hole.Kind, hole.Reason) && hole.From - last.To <= Seam)
            holes[^1] = last with { To = hole.To, Chunks = last.Chunks + hole.Chunks };
        else holes.Add(hole);
    }
}
