namespace Crispy.Spool;

/// <summary>Time that a stream has no video of.</summary>
/// <param name="From">UTC time at which it begins: the end of the last frame before it.</param>
/// <param name="To">UTC time at which it ends.</param>
/// <param name="Reason">Why, for people: a camera's error, <c>restart</c>, <c>takeover</c>, <c>discontinuity</c>, or a <see cref="Contracts.LossReason"/>.</param>
public sealed record Gap(DateTimeOffset From, DateTimeOffset To, string Reason)
{
    /// <summary>How many of the newest gaps of a stream are remembered.</summary>
    public const int Kept = 50;

    /// <summary>The newest gaps with some more; one that goes on where one with the same reason ends lengthens it.</summary>
    public static IReadOnlyList<Gap> Append(IReadOnlyList<Gap> gaps, IEnumerable<Gap> more)
    {
        var all = gaps.ToList();
        foreach (var gap in more)
        {
            if (all.Contains(gap)) continue;
            if (all.Count > 0 && all[^1] is { } last && last.Reason == gap.Reason && last.To == gap.From) all[^1] = last with { To = gap.To };
            else all.Add(gap);
        }
        return all.Count > Kept ? all[^Kept..] : all;
    }
}
