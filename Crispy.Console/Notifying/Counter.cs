using Crispy.Console.StreamHandles;

namespace Crispy.Console.Notifying;

/// <summary>Counts what was lost or died, by the streams' own counters, which survive restarts of every process. So nothing that happened
/// while the console was away is missed.</summary>
internal static class Counter
{
    /// <summary>How long after a notice the next one of its kind comes at the earliest.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    // Counters of stream-handles that are gone for good, which pods leave behind, are forgotten beyond this.
    private const int MostSeen = 10_000;

    /// <summary>Takes in the counters as they are.</summary>
    /// <param name="tally">What was counted so far.</param>
    /// <param name="streams">The streams.</param>
    /// <param name="value">The counter.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>Whether the tally changed.</returns>
    public static bool Take(Tally tally, IReadOnlyCollection<KnownStream> streams, Func<Conservation, long> value, DateTimeOffset now)
    {
        var changed = false;
        foreach (var stream in streams)
        {
            if (stream.Report.Law is not { } law) continue;
            // What a stream has when it is first seen is history.
            var (key, count) = (Key(stream), value(law));
            if (tally.Seen.TryGetValue(key, out var before) && before == count) continue;
            if (tally.Seen.ContainsKey(key) && count > before)
            {
                tally.Untold[stream.Report.Title] = tally.Untold.GetValueOrDefault(stream.Report.Title) + count - before;
                tally.Since ??= now;
            }
            tally.Seen[key] = count;
            changed = true;
        }
        if (tally.Seen.Count > MostSeen) Forget(tally, streams);
        return changed;
    }

    /// <summary>Whether it is time to tell: something is untold, the first of it for a moment, and nothing was told lately.</summary>
    public static bool IsDue(Tally tally, TimeSpan hold, DateTimeOffset now)
    {
        if (tally.Untold.Count == 0) return false;
        // A clock that was set back must not silence it for longer.
        return IsPast(tally.Since, hold) && IsPast(tally.Told, Quiet);

        bool IsPast(DateTimeOffset? time, TimeSpan span) => time is not { } then || now - then >= span || then > now;
    }

    /// <summary>Takes out what is untold.</summary>
    public static IReadOnlyDictionary<string, long> Empty(Tally tally, DateTimeOffset now)
    {
        var untold = tally.Untold;
        (tally.Untold, tally.Since, tally.Told) = (new(StringComparer.Ordinal), null, now);
        return untold;
    }

    private static string Key(KnownStream stream) => $"{StreamHandleClient.Redacted(stream.StreamHandle)} {stream.Report.Id}";

    private static void Forget(Tally tally, IReadOnlyCollection<KnownStream> streams)
    {
        var present = streams.Select(Key).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in tally.Seen.Keys.Where(key => !present.Contains(key)).ToList()) tally.Seen.Remove(gone);
    }
}
