using Crispy.Archive.Listing;
using Crispy.Contracts;

namespace Crispy.Archive.Retaining;

/// <summary>Tells video that was deleted as chosen from video that is missing. The bucket's rules delete from the oldest on, so that what
/// they have deleted is the beginning of what was recorded. It is nothing that comes after a chunk that is still there, unless that one is
/// held or only just due.</summary>
internal static class Expiry
{
    // The service deletes within a day or so of the time, and in no order.
    private static readonly TimeSpan Late = TimeSpan.FromDays(2);

    /// <summary>Until when everything that is not there was deleted as chosen, UTC; null where nothing was.</summary>
    /// <param name="items">By time: a range, with its neighbours on both sides.</param>
    /// <param name="kept">How long the bucket keeps it; null where that is not known.</param>
    /// <param name="now">UTC.</param>
    public static DateTimeOffset? Until(IReadOnlyList<Recorded> items, RetentionPeriod? kept, DateTimeOffset now)
    {
        if (kept is not { Span: { } span } || items.Count == 0) return null;
        var due = now - span;
        var stored = items.Where(item => item.State == ArchiveState.Stored && !item.Held).ToList();
        // Nothing comes before number 0.
        if (items[0] is { Sequence: 0, State: ArchiveState.Stored, Held: false } || due <= items[0].From.AddYears(-100)) return null;
        var overdue = stored.FindIndex(item => item.From < due - Late);
        if (overdue >= 0) return stored[overdue].From;
        // The last chunk that was deleted began before it was due, and may have ended after.
        var next = stored.Find(item => item.From >= due);
        var length = next.Epoch is null ? TimeSpan.Zero : next.To - next.From;
        return due + (2 * (length < Recorded.LongestChunk ? length : Recorded.LongestChunk));
    }
}
