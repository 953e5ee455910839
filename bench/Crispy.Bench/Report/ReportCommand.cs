using System.Text.Json;

namespace Crispy.Bench.Report;

/// <summary>Reads <c>artifacts/bench/*.json</c>. Writes a plot each as PNG and all as one page, <c>artifacts/bench/report.html</c>; with
/// <c>--docs</c> <c>docs/performance.md</c> and its plots too.</summary>
internal static class ReportCommand
{
    private static readonly string[] Order = ["throughput", "live", "upload", "function", "console", "memory", "outage", "soak", "micro"];

    /// <summary>Writes the report.</summary>
    /// <returns>2 where there are no results.</returns>
    public static int Run(string[] args)
    {
        var options = new Options(args, "docs");
        var folder = Path.GetFullPath(Path.Combine("artifacts", "bench"));
        var results = Read(folder);
        if (results.Count == 0)
        {
            Console.Error.WriteLine($"there are no results in {folder}: run a benchmark first");
            return 2;
        }
        foreach (var (name, plot) in Plots(results)) Drawing.Save(plot, Path.Combine(folder, name));
        var page = Path.Combine(folder, "report.html");
        File.WriteAllText(page, Page.Of(results, folder));
        Console.WriteLine($"written to {page}");
        if (options.Has("docs")) FillDocument(results, folder);
        return 0;
    }

    private static List<Result> Read(string folder) => [.. Directory.GetFiles(folder, "*.json")
        .Select(path => JsonSerializer.Deserialize<Result>(File.ReadAllText(path), Result.Json)!)
        .OrderBy(result => Array.IndexOf(Order, result.Bench) is >= 0 and var place ? place : Order.Length)];

    private static void FillDocument(IReadOnlyList<Result> results, string folder)
    {
        Document.Fill(Path.Combine("docs", "performance.md"), results);
        var images = Directory.CreateDirectory(Path.Combine("docs", "images", "performance")).FullName;
        foreach (var (name, _) in Plots(results)) File.Copy(Path.Combine(folder, name), Path.Combine(images, name), overwrite: true);
        Console.WriteLine("docs/performance.md filled in");
    }

    private static IEnumerable<(string Name, Plot Plot)> Plots(IEnumerable<Result> results) =>
        results.SelectMany(result => result.Plots, (result, plot) => (Drawing.FileName(result, plot), plot));
}
