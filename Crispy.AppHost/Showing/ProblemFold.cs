using System.Globalization;
using Crispy.AppHost;

namespace Crispy.AppHost.Showing;

/// <summary>Folds what is wrong, seen again and again, into few lines: one when it begins, and one when it is over. Where it comes and
/// goes, there is no more than one a minute.</summary>
internal sealed class ProblemFold(TimeProvider time)
{
    /// <summary>How long is waited before more is said of the same.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Problem> _problems = new(StringComparer.Ordinal);

    /// <summary>Looks at what is wrong now.</summary>
    /// <param name="now">What is wrong, by the name of the resource that has it.</param>
    /// <param name="undecided">Resources about which nothing can be said at the moment: each stays as it was.</param>
    /// <returns>What must be said.</returns>
    public IReadOnlyList<string> Observe(IReadOnlyDictionary<string, string> now, IReadOnlySet<string> undecided)
    {
        var lines = new List<string>();
        foreach (var (who, what) in now)
        {
            if (!_problems.TryGetValue(who, out var problem)) _problems.Add(who, problem = new());
            if (!problem.IsOn) (problem.IsOn, problem.Began, problem.Times) = (true, time.GetUtcNow(), problem.Times + 1);
            var isNews = !problem.IsTold || !IsSame(problem.What, what);
            if (!isNews || !MayTell(problem)) continue;
            lines.Add($"{Stamp()} {who}: "
                + $"{what}{(problem.Times > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({problem.Times} times)") : "")}");
            Told(problem, what, isOn: true);
        }
        foreach (var (who, problem) in _problems)
        {
            if (!problem.IsOn || now.ContainsKey(who) || undecided.Contains(who)) continue;
            problem.IsOn = false;
            if (!problem.IsTold) continue;
            lines.Add($"{Stamp()} {who}: well again after {Spell.Of(time.GetUtcNow() - problem.Began)}");
            Told(problem, problem.What, isOn: false);
        }
        return lines;
    }

    private bool MayTell(Problem problem) => problem.LastTold is not { } last || time.GetUtcNow() - last >= Pause;

    private void Told(Problem problem, string what, bool isOn) =>
        (problem.What, problem.IsTold, problem.LastTold, problem.Times) = (what, isOn, time.GetUtcNow(), 0);

    // Times and counts change all the while.
    private static bool IsSame(string left, string right) =>
        left.Where(letter => !char.IsAsciiDigit(letter)).SequenceEqual(right.Where(letter => !char.IsAsciiDigit(letter)));

    private string Stamp() => Spell.Time(time.GetUtcNow());

    private sealed class Problem
    {
        public bool IsOn { get; set; }

        public bool IsTold { get; set; }

        public string What { get; set; } = "";

        public DateTimeOffset Began { get; set; }

        public DateTimeOffset? LastTold { get; set; }

        /// <summary>How often it began since something was said of it.</summary>
        public int Times { get; set; }
    }
}
