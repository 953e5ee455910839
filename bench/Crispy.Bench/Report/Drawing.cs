using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using Plot = Crispy.Bench.Measuring.Plot;

namespace Crispy.Bench.Report;

/// <summary>Draws plots.</summary>
internal static class Drawing
{
    private const int Width = 900;
    private const int Height = 480;
    private const double BarRoom = 0.8;
    private const int MostTicks = 12;

    /// <summary>A plot's file.</summary>
    public static string FileName(Result result, Plot plot) => $"{result.Bench}-{plot.Name}.png";

    /// <summary>Draws a plot as PNG.</summary>
    public static void Save(Plot plot, string path)
    {
        using var drawing = new ScottPlot.Plot();
        drawing.Title(plot.Title);
        drawing.XLabel(plot.X);
        drawing.YLabel(plot.Y);
        if (plot.Bars is { } names) AddBars(drawing, plot, names);
        else AddLines(drawing, plot);
        if (plot.LogarithmicY) UsePowersOfTen(drawing, plot);
        else drawing.Axes.SetLimitsY(0, Math.Max(1e-9, Values(plot).DefaultIfEmpty().Max() * 1.1));
        if (plot.Series.Count > 1) drawing.ShowLegend(Edge.Right);
        else drawing.HideLegend();
        drawing.SavePng(path, Width, Height);
    }

    private static void AddLines(ScottPlot.Plot drawing, Plot plot)
    {
        foreach (var series in plot.Series)
        {
            double[] x = [.. series.X.Select(value => Across(plot, value))], y = [.. series.Y.Select(value => Shown(plot, value))];
            var line = drawing.Add.Scatter(x, y);
            (line.LegendText, line.LineWidth, line.MarkerSize) = (series.Name, 2, series.X.Count > 40 ? 0 : 7);
        }
        double[] places = [.. plot.Series.SelectMany(series => series.X).Distinct().Order()];
        if (!plot.LogarithmicX && places.Length > MostTicks) return;
        drawing.Axes.Bottom.TickGenerator = new NumericManual([.. places.Select(place => Across(plot, place))],
            [.. places.Select(place => place.ToString(CultureInfo.InvariantCulture))]);
    }

    private static void AddBars(ScottPlot.Plot drawing, Plot plot, IReadOnlyList<string> names)
    {
        var width = BarRoom / plot.Series.Count;
        var floor = plot.LogarithmicY ? Math.Floor(Values(plot).Select(Math.Log10).DefaultIfEmpty().Min()) : 0;
        foreach (var (index, series) in plot.Series.Index())
        {
            var offset = (index - ((plot.Series.Count - 1) / 2.0)) * width;
            Bar[] each = [.. series.X.Zip(series.Y, (x, y) =>
                new Bar { Position = x + offset, Value = Shown(plot, y), ValueBase = floor, Size = width })];
            var bars = drawing.Add.Bars(each);
            bars.LegendText = series.Name;
            bars.Color = drawing.Add.Palette.GetColor(index);
        }
        drawing.Axes.Bottom.TickGenerator = new NumericManual([.. names.Select((_, index) => (double)index)], [.. names]);
        drawing.Axes.Bottom.TickLabelStyle.Rotation = 30;
        drawing.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleLeft;
        drawing.Axes.Bottom.MinimumSize = 110;
    }

    private static void UsePowersOfTen(ScottPlot.Plot drawing, Plot plot)
    {
        double[] powers = [.. Values(plot).Select(Math.Log10)];
        if (powers.Length == 0) return;
        var (least, greatest) = ((int)Math.Floor(powers.Min()), (int)Math.Ceiling(powers.Max()));
        var ticks = Enumerable.Range(least, greatest - least + 1).ToList();
        drawing.Axes.Left.TickGenerator = new NumericManual([.. ticks.Select(power => (double)power)],
            [.. ticks.Select(power => Math.Pow(10, power).ToString("#,0.########", CultureInfo.InvariantCulture))]);
        drawing.Axes.SetLimitsY(least, Math.Max(least + 1, greatest));
    }

    private static IEnumerable<double> Values(Plot plot) =>
        plot.Series.SelectMany(series => series.Y).Where(value => double.IsFinite(value) && (!plot.LogarithmicY || value > 0));

    private static double Across(Plot plot, double value) => plot.LogarithmicX ? Math.Log2(value) : value;

    private static double Shown(Plot plot, double value) => plot.LogarithmicY ? (value > 0 ? Math.Log10(value) : double.NaN) : value;
}
