using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Crispy.Bench.Measuring;

/// <summary>One measured number that a target or a reader may ask for by its key.</summary>
/// <param name="Key">Its name, unique among all benchmarks.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Value">The number; a median where it was measured several times.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record Figure(string Key, string What, double Value, string Unit)
{
    /// <summary>The target, where it is a lower limit.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The target, where it is an upper limit.</summary>
    public double? AtMost { get; init; }

    /// <summary>Least and greatest of the measurements, where there were several.</summary>
    public double? Least { get; init; }

    /// <inheritdoc cref="Least"/>
    public double? Greatest { get; init; }

    /// <summary>Whether the target is met; null where there is none.</summary>
    [JsonIgnore]
    public bool? IsMet => (AtLeast, AtMost) switch
    {
        ({ } least, _) => Value >= least,
        (_, { } most) => Value <= most,
        _ => null,
    };
}

/// <summary>A table, its cells as text.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A line of a plot, or, in a plot of bars, one bar at each place.</summary>
internal sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>A plot; it is drawn by <c>report</c>.</summary>
/// <param name="Name">Part of its file's name.</param>
/// <param name="Title">Above it.</param>
/// <param name="X">Label of the horizontal axis.</param>
/// <param name="Y">Label of the vertical axis.</param>
/// <param name="Series">Its lines.</param>
internal sealed record Plot(string Name, string Title, string X, string Y, IReadOnlyList<Series> Series)
{
    /// <summary>Whether the horizontal axis is logarithmic (base 2).</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Whether the vertical axis is logarithmic (base 10).</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>Names of the places 0, 1, 2... of a plot of bars; null where it is one of lines.</summary>
    public IReadOnlyList<string>? Bars { get; init; }
}

/// <summary>What a benchmark came to, as it stands in <c>artifacts/bench/NAME.json</c>.</summary>
internal sealed record Result
{
    /// <summary>How results are written and read.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required string Bench { get; init; }

    /// <summary>What was measured, in a sentence or two.</summary>
    public required string About { get; init; }

    public DateTimeOffset At { get; init; }

    public string Commit { get; init; } = "";

    public Machine? Machine { get; init; }

    /// <summary>The command that produced it.</summary>
    public string Command { get; init; } = "";

    public IReadOnlyList<Figure> Figures { get; init; } = [];

    public IReadOnlyList<Table> Tables { get; init; } = [];

    public IReadOnlyList<Plot> Plots { get; init; } = [];

    /// <summary>Everything measured, in the benchmark's own form.</summary>
    public JsonNode? Raw { get; init; }
}
