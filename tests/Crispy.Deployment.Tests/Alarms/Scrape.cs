using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.Deployment.Tests.Alarms;

/// <summary>One sample of a scrape.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">Its labels, with job and instance.</param>
/// <param name="Value">Its value.</param>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The series as PromQL writes it, with its labels in order.</summary>
    public string Series { get; } = Name + "{"
        + string.Join(',', Labels.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Key}=\"{each.Value}\"")) + "}";

    /// <summary>The service.</summary>
    public string Job => Labels["job"]["crispy-".Length..];

    /// <summary>Whether it only ever grows.</summary>
    public bool IsCounter => Name.EndsWith("_total", StringComparison.Ordinal);
}

/// <summary>What processes answered at <c>/metrics</c>, in Prometheus' text format.</summary>
internal sealed partial class Scrape(IReadOnlyList<Sample> samples)
{
    public IReadOnlyList<Sample> Samples => samples;

    /// <summary>All names.</summary>
    public IReadOnlySet<string> Names { get; } = samples.Select(sample => sample.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Reads one process's answer.</summary>
    public static Scrape Read(string job, string text) => new([.. text.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => ReadLine(job, line))]);

    /// <summary>Puts the answers of several processes together.</summary>
    public static Scrape Of(IEnumerable<Scrape> scrapes) => new([.. scrapes.SelectMany(scrape => scrape.Samples)]);

    /// <summary>The sum of the samples of a name whose labels are these; null where there is none.</summary>
    public double? Sum(string name, params (string Key, string Value)[] labels)
    {
        var found = samples.Where(sample => sample.Name == name
            && Array.TrueForAll(labels, label => sample.Labels.GetValueOrDefault(label.Key) == label.Value)).ToList();
        return found.Count == 0 ? null : found.Sum(sample => sample.Value);
    }

    private static Sample ReadLine(string job, string line)
    {
        var match = Line().Match(line);
        if (!match.Success) throw new FormatException($"no sample: {line}");
        var labels = Label().Matches(match.Groups["labels"].Value)
            .ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value, StringComparer.Ordinal);
        (labels["job"], labels["instance"]) = ($"crispy-{job}", $"{job}:8080");
        return new(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value));
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \d+)?$")]
    private static partial Regex Line();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)" ?""")]
    private static partial Regex Label();
}
