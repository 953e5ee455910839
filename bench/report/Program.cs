using System.Text.Json;
using Crispy.Bench.Reporting;

// Reads artifacts/bench/*.json; writes a plot each as PNG and all as one page, artifacts/bench/report.html. With --docs: docs/performance.md and its plots too.
Report.RequireKnown(args, "docs");
var folder = Path.GetFullPath(Path.Combine("artifacts", "bench"));
string[] order = ["throughput", "live", "upload", "function", "console", "memory", "outage", "soak", "micro"];
var results = Directory.GetFiles(folder, "*.json").Select(path => JsonSerializer.Deserialize<Result>(File.ReadAllText(path), Result.Json)!)
    .OrderBy(result => Array.IndexOf(order, result.Bench) is >= 0 and var place ? place : order.Length).ToList();
if (results.Count == 0)
{
    Console.Error.WriteLine($"there are no results in {folder}: run a benchmark first");
    return 2;
}
foreach (var result in results)
{
    foreach (var plot in result.Plots) Drawing.Save(plot, Path.Combine(folder, Drawing.FileName(result, plot)));
}
var page = Path.Combine(folder, "report.html");
File.WriteAllText(page, Page.Of(results, folder));
Console.WriteLine($"written to {page}");
if (args.Contains("--docs"))
{
    Document.Fill(Path.Combine("docs", "performance.md"), results);
    var images = Directory.CreateDirectory(Path.Combine("docs", "images", "performance")).FullName;
    foreach (var result in results)
    {
        foreach (var plot in result.Plots) File.Copy(Path.Combine(folder, Drawing.FileName(result, plot)), Path.Combine(images, Drawing.FileName(result, plot)), overwrite: true);
    }
    Console.WriteLine("docs/performance.md filled in");
}
return 0;
