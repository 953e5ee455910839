using System.Globalization;

namespace Crispy.Bench.Measuring;

/// <summary>Medians, percentiles, and numbers as text.</summary>
internal static class Statistics
{
    /// <summary>The median; NaN of nothing.</summary>
    public static double Median(this IEnumerable<double> values) => values.Percentile(50);

    /// <summary>A percentile, between neighbours interpolated; NaN of nothing.</summary>
    /// <param name="values">In any order.</param>
    /// <param name="percent">0 to 100.</param>
    public static double Percentile(this IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) return double.NaN;
        var place = (sorted.Length - 1) * percent / 100;
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((sorted[below + 1] - sorted[below]) * (place - below)) : sorted[below];
    }

    /// <summary>The greatest; NaN of nothing.</summary>
    public static double Greatest(this IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Max();

    /// <summary>A figure of several measurements: their median, and between what they lie.</summary>
    public static Figure Figure(string key, string what, IReadOnlyList<double> values, string unit) =>
        new(key, what, values.Median(), unit) { Least = values.DefaultIfEmpty(double.NaN).Min(), Greatest = values.Greatest() };

    /// <summary>With a number of decimals; a dash for what is not known.</summary>
    public static string Text(this double value, int decimals = 1) =>
        double.IsFinite(value) ? value.ToString($"N{decimals}", CultureInfo.InvariantCulture) : "-";

    /// <summary>With three digits that count.</summary>
    public static string Short(this double value) => Math.Abs(value) switch
    {
        >= 100 => value.Text(0),
        >= 10 => value.Text(1),
        >= 1 => value.Text(2),
        0 => "0",
        _ => value.Text(4),
    };

    /// <summary>Median and spread of several measurements: <c>12.3 (11.9 to 13.1)</c>.</summary>
    public static string WithSpread(this IReadOnlyList<double> values) =>
        $"{values.Median().Short()} ({values.DefaultIfEmpty(double.NaN).Min().Short()} to {values.Greatest().Short()})";
}
