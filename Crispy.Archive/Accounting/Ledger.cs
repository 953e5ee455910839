namespace Crispy.Archive;

/// <summary>The conservation law of a range: <c>captured = stored + spooled + dead + lost</c>, and what breaks it.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC; not after the time of asking.</param>
/// <param name="Streams">Each stream that has anything in the bucket or in a spool.</param>
/// <param name="Spool">Whether the spools were asked: if not, what waits in them counts as missing.</param>
public sealed record Ledger(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<LedgerStream> Streams, SpoolAnswer Spool);

/// <summary>One stream's account. A chunk counts where it overlaps the range.</summary>
public sealed record LedgerStream
{
    /// <summary>The stream's id.</summary>
    public required string Id { get; init; }

    /// <summary>How many sequence numbers were given out, the missing ones included.</summary>
    public long Captured { get; init; }

    /// <summary>Chunks in the bucket.</summary>
    public long Stored { get; init; }

    /// <summary>Chunks in a spool, on their way.</summary>
    public long Spooled { get; init; }

    /// <summary>Chunks in a spool that no retry can store.</summary>
    public long Dead { get; init; }

    /// <summary>Chunks declared lost.</summary>
    public long Lost { get; init; }

    /// <summary>Sequence numbers that are nowhere: unexplained holes.</summary>
    public long Missing { get; init; }

    /// <summary>Sequence numbers older than the bucket keeps them, which were deleted as chosen: they count in nothing else.</summary>
    public long Expired { get; init; }

    /// <summary><c>captured - stored - spooled - dead - lost</c>: 0 where the law holds.</summary>
    public long Balance => Captured - Stored - Spooled - Dead - Lost;

    /// <summary>The same in time.</summary>
    public required LedgerSeconds Seconds { get; init; }

    /// <summary>The losses, neighbours of one reason told as one.</summary>
    public IReadOnlyList<LedgerLoss> Losses { get; init; } = [];

    /// <summary>The unexplained holes.</summary>
    public IReadOnlyList<LedgerHole> Holes { get; init; } = [];

    /// <summary>Time since the stream's first chunk in which nothing is known to have been recorded.</summary>
    public IReadOnlyList<LedgerGap> Gaps { get; init; } = [];

    /// <summary>Where the source's own clock was stepped between two stored chunks; where it says that, no time need be missing.</summary>
    public IReadOnlyList<LedgerClockStep> ClockSteps { get; init; } = [];
}

/// <summary>Time within the range, in seconds.</summary>
/// <param name="Captured">Covered by chunks that are stored, spooled or dead.</param>
/// <param name="Lost">Covered by losses alone.</param>
/// <param name="Gaps">Covered by nothing, since the stream's first chunk.</param>
public sealed record LedgerSeconds(double Captured, double Lost, double Gaps);

/// <summary>Declared losses that follow each other.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="Chunks">How many.</param>
/// <param name="Object">The object of the first one's record.</param>
public sealed record LedgerLoss(DateTimeOffset From, DateTimeOffset To, string Reason, long Chunks, string Object);

/// <summary>Time without video.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Reason">A <see cref="GapReason"/>.</param>
public sealed record LedgerGap(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>A step of a source's own clock.</summary>
/// <param name="At">Where the first chunk after it begins, UTC.</param>
/// <param name="Seconds">By how much, on that clock; negative where it was set back.</param>
public sealed record LedgerClockStep(DateTimeOffset At, double Seconds);

/// <summary>Consecutive sequence numbers that are nowhere.</summary>
/// <param name="From">Where the chunk before ends, UTC.</param>
/// <param name="To">Where the chunk after begins, UTC.</param>
/// <param name="Epoch">The epoch of the chunk after.</param>
/// <param name="First">The first number.</param>
/// <param name="Last">The last number.</param>
public sealed record LedgerHole(DateTimeOffset From, DateTimeOffset To, string Epoch, long First, long Last);
