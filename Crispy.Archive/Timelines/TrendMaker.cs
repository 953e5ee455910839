using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;

namespace Crispy.Archive.Timelines;

/// <summary>Makes trends out of chunks.</summary>
internal static class TrendMaker
{
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC, not in the future.</param>
    /// <param name="points">How many steps.</param>
    /// <param name="content">What is known of the range.</param>
    /// <param name="late">Chunks that ended before the range and were not in the bucket when it began.</param>
    public static Trend Make(string stream, DateTimeOffset from, DateTimeOffset to, int points, RangeContent content,
        IEnumerable<Recorded> late)
    {
        var steps = new Steps(from, to, points);
        var (bits, delays, changes) = (new double[points], new List<TimeSpan>?[points], new int[points + 1]);
        foreach (var item in content.Items.Where(item => item.State is ArchiveState.Stored or ArchiveState.Spooled))
        {
            Spread(item, steps, bits);
            // A file's chunks were late before they were cut: only of those that still wait anything is known.
            if (item.State == ArchiveState.Stored && !item.IsLive) continue;
            Wait(item, steps, changes);
            if (item.Arrived is { } arrived && item.To > from && item.To <= to)
                (delays[steps.FirstEndingAt(item.To)] ??= []).Add(arrived > item.To ? arrived - item.To : TimeSpan.Zero);
        }
        foreach (var item in late) Wait(item, steps, changes);

        var (told, backlog) = (new List<TrendPoint>(points), 0);
        for (var step = 0; step < points; step++)
        {
            backlog += changes[step];
            delays[step]?.Sort();
            // Of the newest step only a part is known.
            var seconds = ((content.PendingFrom is { } pending && pending < steps.End(step) ? pending : steps.End(step))
                - steps.Begin(step)).TotalSeconds;
            told.Add(new(steps.Begin(step), seconds > 0 ? (long)Math.Round(bits[step] / seconds) : null,
                delays[step] is { } all ? all[all.Count / 2] : null, delays[step]?[^1], backlog));
        }
        return new(stream, from, to, told, content.Spool);
    }

    private static void Spread(Recorded item, Steps steps, double[] bits)
    {
        var length = (item.To - item.From).TotalSeconds;
        if (length <= 0 || item.To <= steps.From || item.From >= steps.To) return;
        for (var step = steps.Of(item.From); step < bits.Length && steps.Begin(step) < item.To; step++)
        {
            var (begin, end) =
                (steps.Begin(step) > item.From ? steps.Begin(step) : item.From, steps.End(step) < item.To ? steps.End(step) : item.To);
            bits[step] += item.Size * 8 * Math.Max(0, (end - begin).TotalSeconds) / length;
        }
    }

    // Written down as what changes from step to step. So a chunk that waits through a thousand of them costs as much as one that does not.
    private static void Wait(Recorded item, Steps steps, int[] changes)
    {
        // A step's number is told at its end. A chunk counts from the first step that ends when it was recorded already. From the first
        // that ends when the bucket had it, it counts no more.
        var (begin, end) = (steps.FirstEndingAt(item.To), item.Arrived is { } arrived ? steps.FirstEndingAt(arrived) : changes.Length - 1);
        if (begin >= end) return;
        changes[begin]++;
        changes[end]--;
    }

    /// <summary>A range cut into equal steps. In whole ticks: what ends with a step is not to slip into the next.</summary>
    private readonly record struct Steps(DateTimeOffset From, DateTimeOffset To, int Count)
    {
        public DateTimeOffset Begin(int step) => From.AddTicks((To - From).Ticks * step / Count);

        public DateTimeOffset End(int step) => Begin(step + 1);

        /// <summary>The step in which something begins; the first where it begins before.</summary>
        public int Of(DateTimeOffset instant) => instant <= From ? 0 : (int)((instant - From).Ticks * Count / (To - From).Ticks);

        /// <summary>The first step that ends at an instant or after it; <see cref="Count"/> where none does.</summary>
        public int FirstEndingAt(DateTimeOffset instant)
        {
            if (instant <= From) return 0;
            return instant > To ? Count : (int)((((instant - From).Ticks * Count) - 1) / (To - From).Ticks);
        }
    }
}
