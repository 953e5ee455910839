using Crispy.Archive.Chunks;
using Crispy.Contracts;

namespace Crispy.Archive.Timelines;

/// <summary>Makes timelines out of chunks.</summary>
internal static class TimelineMaker
{
    // Neighbours of one epoch meet to the microsecond by the clock, a container's rounding aside.
    private static readonly TimeSpan Seam = TimeSpan.FromMilliseconds(20);

    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC, not in the future.</param>
    /// <param name="pixels">How many can be told apart.</param>
    /// <param name="content">What is known of the range.</param>
    public static Timeline Make(string stream, DateTimeOffset from, DateTimeOffset to, int pixels, RangeContent content)
    {
        var spans = Spans(from, to, content);
        var pixel = TimeSpan.FromTicks(Math.Max(1, (to - from).Ticks / pixels));
        return new(stream, from, to, Zoomed(spans, pixel), Coverage(spans, to - from), Epochs(from, to, pixel, content), content.Spool)
        {
            Holds = Holds(from, to, content), KeptDays = content.Kept?.Days,
        };
    }

    /// <summary>Every span, without gaps or overlaps; neighbours of one kind, reason and epoch are one.</summary>
    public static List<TimelineSpan> Spans(DateTimeOffset from, DateTimeOffset to, RangeContent content)
    {
        var spans = new List<TimelineSpan>();
        var at = from;
        foreach (var item in content.Items)
        {
            var (begin, end) = (Instant.Later(item.From, from), Instant.Earlier(item.To, to));
            // One epoch's end may be told by two stream-handles at once: the one that began first has it.
            if (end <= at && !(item.To == item.From && item.From >= at)) continue;
            // Nothing comes before number 0.
            if (begin - at > Seam && spans.Count == 0 && item.Sequence == 0)
                spans.Add(new(at, begin, SpanKind.Gap, GapReason.NotYet, null, 0));
            else if (begin - at > Seam) AddGap(spans, at, begin, content);
            else if (begin > at) begin = at;
            Add(spans, new(Instant.Later(begin, at), end, Kind(item.State), item.Reason, item.Epoch.Length == 0 ? null : item.Epoch, 1));
            at = Instant.Later(at, end);
        }
        if (to - at > (spans.Count == 0 ? TimeSpan.Zero : Seam)) AddGap(spans, at, to, content);
        else if (spans.Count > 0 && at < to) spans[^1] = spans[^1] with { To = to };
        return spans;
    }

    private static void AddGap(List<TimelineSpan> spans, DateTimeOffset from, DateTimeOffset to, RangeContent content)
    {
        if (content.ExpiredUntil is { } expired && expired > from)
        {
            var end = Instant.Earlier(expired, to);
            spans.Add(new(from, end, SpanKind.Gap, GapReason.Expired, null, 0));
            if (to - end <= Seam) return;
            from = end;
        }
        var missing = content.Holes.Where(hole => hole.From < to && hole.To > from).Sum(hole => hole.Count);
        spans.Add(new(from, to, SpanKind.Gap,
            missing > 0 ? GapReason.Missing : content.PendingFrom <= from ? GapReason.Pending : GapReason.NotRecorded, null, missing));
    }

    private static void Add(List<TimelineSpan> spans, TimelineSpan span)
    {
        if (spans.Count > 0 && spans[^1] is var last && last.To >= span.From
            && (last.Kind, last.Reason, last.Epoch) == (span.Kind, span.Reason, span.Epoch))
            spans[^1] = last with { To = Instant.Later(last.To, span.To), Chunks = last.Chunks + span.Chunks };
        else spans.Add(span);
    }

    /// <summary>What is narrower than a pixel is told together with its equally narrow neighbours, as the worst among them. So there are
    /// never more than some spans a pixel, and no loss is hidden by what surrounds it.</summary>
    private static List<TimelineSpan> Zoomed(List<TimelineSpan> spans, TimeSpan pixel)
    {
        var zoomed = new List<TimelineSpan>();
        TimelineSpan? narrow = null;
        foreach (var span in spans)
        {
            if (narrow is not null && (span.To - span.From >= pixel || span.To - narrow.From > pixel))
            {
                zoomed.Add(narrow);
                narrow = null;
            }
            if (span.To - span.From >= pixel) zoomed.Add(span);
            else narrow = narrow is null ? span : Together(narrow, span);
        }
        if (narrow is not null) zoomed.Add(narrow);
        return zoomed;
    }

    private static TimelineSpan Together(TimelineSpan left, TimelineSpan right)
    {
        var worst = Badness(right) > Badness(left) ? right : left;
        var chunks = left.Kind == right.Kind && left.Reason == right.Reason ? left.Chunks + right.Chunks : worst.Chunks;
        return worst with { From = left.From, To = right.To, Chunks = chunks };
    }

    private static int Badness(TimelineSpan span) => (span.Kind, span.Reason) switch
    {
        (SpanKind.Lost, _) => 6,
        (SpanKind.Gap, GapReason.Missing) => 5,
        (SpanKind.Dead, _) => 4,
        (SpanKind.Gap, GapReason.NotRecorded) => 3,
        (SpanKind.Gap, _) => 2,
        (SpanKind.Spooled, _) => 1,
        _ => 0,
    };

    private static double Coverage(List<TimelineSpan> spans, TimeSpan range)
    {
        range -= Sum(spans.Where(span => span.Reason == GapReason.Expired));
        return range <= TimeSpan.Zero ? 0 : Math.Min(1, Sum(spans.Where(span => span.Kind is SpanKind.Stored or SpanKind.Spooled)) / range);
    }

    private static TimeSpan Sum(IEnumerable<TimelineSpan> spans) => TimeSpan.FromTicks(spans.Sum(span => (span.To - span.From).Ticks));

    private static List<HeldSpan> Holds(DateTimeOffset from, DateTimeOffset to, RangeContent content)
    {
        var holds = new List<HeldSpan>();
        foreach (var item in content.Items.Where(item => item.Held))
        {
            var (begin, end) = (Instant.Later(item.From, from), Instant.Earlier(item.To, to));
            if (holds.Count > 0 && begin - holds[^1].To <= Seam) holds[^1] = holds[^1] with { To = Instant.Later(holds[^1].To, end) };
            else holds.Add(new(begin, end));
        }
        return holds;
    }

    private static List<TimelineEpoch> Epochs(DateTimeOffset from, DateTimeOffset to, TimeSpan pixel, RangeContent content)
    {
        var epochs = new List<TimelineEpoch>();
        foreach (var group in content.Items.Where(item => item.Epoch.Length > 0).GroupBy(item => item.Epoch, StringComparer.Ordinal)
            .OrderBy(group => group.Min(item => item.From)))
        {
            var epoch = new TimelineEpoch(group.Key, Instant.Later(group.Min(item => item.From), from),
                Instant.Earlier(group.Max(item => item.To), to), group.LastOrDefault(item => item.Clock is not null).Clock, 1);
            if (epochs.Count > 0 && epochs[^1] is var last && last.To - last.From < pixel && epoch.To - epoch.From < pixel
                && epoch.To - last.From < pixel)
                epochs[^1] = last with { To = Instant.Later(last.To, epoch.To), Count = last.Count + 1 };
            else epochs.Add(epoch);
        }
        return epochs;
    }

    private static SpanKind Kind(ArchiveState state) => state switch
    {
        ArchiveState.Stored => SpanKind.Stored,
        ArchiveState.Spooled => SpanKind.Spooled,
        ArchiveState.Dead => SpanKind.Dead,
        _ => SpanKind.Lost,
    };
}
