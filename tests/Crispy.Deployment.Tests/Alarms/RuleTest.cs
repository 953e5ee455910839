using System.Globalization;
using System.Text;
using Crispy.Testing;

namespace Crispy.Deployment.Tests.Alarms;

/// <summary>
/// Feeds scrapes into promtool's unit test of rules. Each phase of the story lasts for 15 minutes there. Counters grow evenly from the
/// scrape before to the phase's own. Everything else stands at the phase's value.
/// </summary>
internal sealed class RuleTest(Scrape start)
{
    private const int Minutes = 15;

    // Prometheus asks four times a minute.
    private const int SamplesEach = Minutes * 4;

    private readonly List<(string Name, Scrape Scrape, int At, string[]? Firing)> _phases = [];

    /// <summary>The rules.</summary>
    public static string Rules => Repository.PathOf("deploy", "prometheus", "alerts.yaml");

    /// <summary>Adds a phase.</summary>
    /// <param name="name">What happens.</param>
    /// <param name="scrape">What was scraped at its end.</param>
    /// <param name="minute">When in it the alerts are looked at: from 11 on nothing of the phase before is within ten minutes.</param>
    /// <param name="firing">The alerts that must fire then, and no others: <c>CrispyBucketAway</c>, <c>CrispyCameraAway gate</c>.</param>
    public void Add(string name, Scrape scrape, int minute, params string[] firing) => _phases.Add((name, scrape, minute, firing));

    /// <summary>Adds a phase in between that expects nothing.</summary>
    public void Pass(Scrape scrape) => _phases.Add(("", scrape, 0, null));

    /// <summary>Asks promtool.</summary>
    public async Task AssertAsync()
    {
        using var folder = new TempFolder();
        var path = folder["story.yaml"];
        await File.WriteAllTextAsync(path, Write());
        var result = await Command.TryAsync("promtool", ["test", "rules", path]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    private string Write()
    {
        var text = new StringBuilder($"rule_files: ['{Rules}']\nevaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n");
        foreach (var series in AllSeries().OrderBy(series => series, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"      - series: '{series}'\n        values: '{Values(series)}'\n");
        text.Append("    promql_expr_test:\n");
        foreach (var (index, phase) in _phases.Index().Where(each => each.Item.Firing is not null))
        {
            text.Append("      - expr: 'group by (alertname, stream) (ALERTS{alertstate=\"firing\"})'\n");
            text.Append(CultureInfo.InvariantCulture, $"        eval_time: {index * Minutes + phase.At}m\n");
            text.Append(CultureInfo.InvariantCulture, $"        exp_samples: # {phase.Name}\n");
            foreach (var alert in phase.Firing!)
                text.Append(CultureInfo.InvariantCulture, $"          - {{ labels: '{Labels(alert)}', value: 1 }}\n");
        }
        return text.ToString();
    }

    private static string Labels(string alert) => alert.Split(' ') switch
    {
        [var name] => $"{{alertname=\"{name}\"}}",
        [var name, var stream] => $"{{alertname=\"{name}\", stream=\"{stream}\"}}",
        _ => throw new ArgumentException($"'{alert}' is no alert", nameof(alert)),
    };

    private IEnumerable<string> AllSeries() => _phases.SelectMany(phase => Relevant(phase.Scrape)).Concat(Relevant(start))
        .Select(sample => sample.Series).Distinct().Concat(Targets().Select(target => $"up{{{target}}}"));

    private IEnumerable<string> Targets() => start.Samples
        .Select(sample => $"instance=\"{sample.Labels["instance"]}\",job=\"{sample.Labels["job"]}\"").Distinct();

    private static IEnumerable<Sample> Relevant(Scrape scrape) =>
        scrape.Samples.Where(sample => sample.Name.StartsWith("crispy_", StringComparison.Ordinal) && !sample.Labels.ContainsKey("le"));

    private string Values(string series)
    {
        if (series.StartsWith("up{", StringComparison.Ordinal)) return Repeat("1", _phases.Count * SamplesEach);
        var before = Find(start, series);
        List<string> values = [];
        foreach (var phase in _phases)
        {
            var now = Find(phase.Scrape, series);
            values.Add(now is null ? Repeat("_", SamplesEach)
                : now.IsCounter && before is not null ? Line(before.Value, now.Value)
                : Repeat(Number(now.Value), SamplesEach));
            before = now;
        }
        return string.Join(' ', values);
    }

    private static Sample? Find(Scrape scrape, string series) => scrape.Samples.FirstOrDefault(sample => sample.Series == series);

    private static string Line(double from, double to) => string.Join(' ', Enumerable.Range(1, SamplesEach)
        .Select(step => Number(from + (to - from) * step / SamplesEach)));

    private static string Repeat(string value, int times) => string.Join(' ', Enumerable.Repeat(value, times));

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "Inf" : value.ToString("0.######", CultureInfo.InvariantCulture);
}
