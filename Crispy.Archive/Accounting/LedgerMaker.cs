using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;
using Crispy.Archive.Timelines;

namespace Crispy.Archive.Accounting;

/// <summary>Counts one stream's chunks of a range.</summary>
internal static class LedgerMaker
{
    public static LedgerStream Make(string stream, DateTimeOffset from, DateTimeOffset to, RangeContent content)
    {
        var counts = content.Items.CountBy(item => item.State).ToDictionary();
        var missing = content.Holes.Sum(hole => (long)hole.Count);
        var spans = TimelineMaker.Spans(from, to, content).FindAll(span => span.Reason is not (GapReason.NotYet or GapReason.Expired));
        return new()
        {
            Id = stream,
            Captured = content.Items.Count + missing,
            Stored = counts.GetValueOrDefault(ArchiveState.Stored),
            Spooled = counts.GetValueOrDefault(ArchiveState.Spooled),
            Dead = counts.GetValueOrDefault(ArchiveState.Dead),
            Lost = counts.GetValueOrDefault(ArchiveState.Lost),
            Missing = missing,
            Expired = content.Expired,
            Seconds = new(Seconds(spans, SpanKind.Stored, SpanKind.Spooled, SpanKind.Dead), Seconds(spans, SpanKind.Lost),
                Seconds(spans, SpanKind.Gap)),
            Losses = Losses(stream, content.Items),
            Holes = [.. content.Holes.Select(hole => new LedgerHole(hole.From, hole.To, hole.Epoch, hole.First, hole.Last))],
            Gaps = [.. spans.Where(span => span.Kind == SpanKind.Gap && span.Reason != GapReason.Pending)
                .Select(span => new LedgerGap(span.From, span.To, span.Reason!))],
            ClockSteps = [.. content.Items.Where(item => item.ClockStep != 0 && item.From >= from)
                .Select(item => new LedgerClockStep(item.From, Math.Round(item.ClockStep, 3)))],
        };
    }

    private static double Seconds(List<TimelineSpan> spans, params SpanKind[] kinds) =>
        Math.Round(spans.Where(span => kinds.Contains(span.Kind))
            .Sum(span => (span.To - span.From).Ticks) / (double)TimeSpan.TicksPerSecond, 6);

    private static List<LedgerLoss> Losses(string stream, IReadOnlyList<Recorded> items)
    {
        var (losses, before) = (new List<LedgerLoss>(), default(Recorded));
        foreach (var item in items.Where(item => item.State == ArchiveState.Lost))
        {
            var reason = item.Reason ?? "";
            if (losses.Count > 0 && losses[^1] is var last && last.Reason == reason && before.Epoch == item.Epoch
                && before.Sequence + 1 == item.Sequence)
                losses[^1] = last with { To = item.To, Chunks = last.Chunks + 1 };
            else losses.Add(new(item.From, item.To, reason, 1, item.ObjectName(stream)));
            before = item;
        }
        return losses;
    }
}
