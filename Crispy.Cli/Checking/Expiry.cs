using Crispy.Contracts;

namespace Crispy.Cli.Checking;

/// <summary>Links of a chain that are not here since they are older than they are kept.</summary>
/// <param name="FromSequence">The first number.</param>
/// <param name="ToSequence">The last number.</param>
/// <param name="Days">For how long video is kept.</param>
/// <param name="By">Who says so.</param>
/// <param name="KeptFrom">When the next link that is here begins, UTC.</param>
internal sealed record ExpiredLinks(long FromSequence, long ToSequence, int Days, string By, DateTimeOffset KeptFrom);

/// <summary>Tells what was deleted for its age from what is missing. A bucket deletes from the oldest on. It explains the beginning of a
/// chain, up to the age at which video
/// is deleted, with holes around what is held. It explains nothing after a link that should be gone by now and is not.</summary>
internal sealed class Expiry(RetentionPeriod kept, DateTimeOffset now)
{
    // The service deletes within a day or so of the time, and in no order.
    private static readonly TimeSpan Late = TimeSpan.FromDays(2);

    /// <summary>For how many days video is kept.</summary>
    public int Days => kept.Days ?? 0;

    /// <summary>Whether what began at an instant is old enough to be deleted.</summary>
    public bool IsDue(DateTimeOffset instant) => kept.Span is { } span && instant <= now - span;

    /// <summary>Whether what is missing between the links before it and the next one was deleted for its age.</summary>
    /// <param name="before">What is here before it.</param>
    /// <param name="next">The next link; null where there is none, and the chain ends before it.</param>
    public bool Explains(IReadOnlyList<Link> before, Link? next)
    {
        if (kept.Span is not { } span || (next is null && before.Count == 0)) return false;
        // Loss records outlive their video.
        if (before.Any(link => link is { IsHeld: false, LossReason: null } && link.From < now - span - Late)) return false;
        if (next is null) return before.All(link => link.IsHeld || link.LossReason is not null) && IsDue(before[^1].To);
        // The last one that was deleted began before it was due, and may have ended after: chunks are about equally long.
        return IsDue(next.From - (2 * (next.To - next.From)));
    }
}
