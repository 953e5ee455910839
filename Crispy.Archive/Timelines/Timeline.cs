using Crispy.Contracts;

namespace Crispy.Archive;

/// <summary>What a span of a timeline is.</summary>
public enum SpanKind
{
    /// <summary>In the bucket.</summary>
    Stored,

    /// <summary>In a spool, on its way.</summary>
    Spooled,

    /// <summary>In a spool; no retry can store it.</summary>
    Dead,

    /// <summary>Declared lost; the reason is a <see cref="LossReason"/>.</summary>
    Lost,

    /// <summary>Nothing is known to have been recorded; the reason is a <see cref="GapReason"/>.</summary>
    Gap,
}

/// <summary>The reasons of gaps.</summary>
public static class GapReason
{
    /// <summary>Sequence numbers are missing that nobody has declared lost: an unexplained hole.</summary>
    public const string Missing = "missing";

    /// <summary>Between two connections, or outside of every one, and no number is missing.</summary>
    public const string NotRecorded = "notRecorded";

    /// <summary>Older than the bucket keeps it, and deleted as chosen.</summary>
    public const string Expired = "expired";

    /// <summary>Before the first chunk that was ever recorded of the stream.</summary>
    public const string NotYet = "notYet";

    /// <summary>After the last known chunk, which ended less than 65 minutes ago: what is recorded now may be on its way.</summary>
    public const string Pending = "pending";
}

/// <summary>A piece of a timeline.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Reason">Why, of losses and gaps; null otherwise.</param>
/// <param name="Epoch">The epoch of the first chunk in it; null for gaps.</param>
/// <param name="Chunks">How many chunks of this kind are in it; of a gap how many numbers are missing.</param>
public sealed record TimelineSpan(DateTimeOffset From, DateTimeOffset To, SpanKind Kind, string? Reason, string? Epoch, long Chunks);

/// <summary>One connection to the source; neighbours that are shorter than a pixel are told as one.</summary>
/// <param name="Epoch">The (first) epoch's name.</param>
/// <param name="From">Where it begins within the range, UTC.</param>
/// <param name="To">Where it ends within the range, UTC.</param>
/// <param name="Clock">Where its times come from: that of its last stored chunk; null where nothing tells.</param>
/// <param name="Count">How many epochs this stands for.</param>
public sealed record TimelineEpoch(string Epoch, DateTimeOffset From, DateTimeOffset To, string? Clock, int Count);

/// <summary>What was recorded of a stream in a range.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC; not after the time of asking, even if more was asked for.</param>
/// <param name="Spans">Without gaps or overlaps from <paramref name="From"/> to <paramref name="To"/>.</param>
/// <param name="Coverage">Share of the range that is stored or spooled, 0 to 1, before anything was merged; what was deleted as chosen
/// counts in neither.</param>
/// <param name="Epochs">The connections.</param>
/// <param name="Spool">Whether the spools were asked.</param>
public sealed record Timeline(string Stream, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TimelineSpan> Spans, double Coverage,
    IReadOnlyList<TimelineEpoch> Epochs, SpoolAnswer Spool)
{
    /// <summary>What is held: kept at any age. Neighbours are told as one.</summary>
    public IReadOnlyList<HeldSpan> Holds { get; init; } = [];

    /// <summary>After how many days the bucket's rules delete video; null where they do not, or are not known.</summary>
    public int? KeptDays { get; init; }
}

/// <summary>Something that is held.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
public sealed record HeldSpan(DateTimeOffset From, DateTimeOffset To);
