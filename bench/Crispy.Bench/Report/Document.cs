using System.Globalization;
using System.Text;

namespace Crispy.Bench.Report;

/// <summary>The measured parts of <c>docs/performance.md</c>: what stands between its marks is rewritten, the rest is for people.</summary>
internal static class Document
{
    /// <summary>Fills in the document.</summary>
    /// <exception cref="InvalidOperationException">It lacks a mark.</exception>
    public static void Fill(string path, IReadOnlyList<Result> results)
    {
        var text = File.ReadAllText(path);
        text = Between(text, "targets", Targets(results));
        text = Between(text, "results", string.Concat(results.Select(Section)));
        File.WriteAllText(path, text);
    }

    /// <summary>A figure's target.</summary>
    public static string TargetOf(Figure figure) => figure switch
    {
        { AtLeast: { } least } => $"at least {Whole(least)} {figure.Unit}".TrimEnd(),
        { AtMost: { } most } => $"at most {Whole(most)} {figure.Unit}".TrimEnd(),
        _ => "",
    };

    /// <summary>A figure's value, with its spread.</summary>
    public static string ValueOf(Figure figure) =>
        $"{figure.Value.Short()} {figure.Unit}".TrimEnd()
        + (figure is { Least: { } least, Greatest: { } greatest } ? $" ({least.Short()} to {greatest.Short()})" : "");

    /// <summary>When, where, from what commit and by which command a result was measured.</summary>
    public static string Stamp(Result result, Func<string, string> escape) =>
        escape(string.Create(CultureInfo.InvariantCulture,
            $"{result.Command}, {result.At:yyyy-MM-dd HH:mm} UTC, commit {result.Commit}, {result.Machine}"));

    private static string Targets(IReadOnlyList<Result> results)
    {
        var table = new StringBuilder("| what | target | measured | |\n|---|---|---|---|\n");
        foreach (var figure in results.SelectMany(result => result.Figures).Where(figure => figure.IsMet is not null))
            table.Append(CultureInfo.InvariantCulture,
                $"| {figure.What} | {TargetOf(figure)} | {ValueOf(figure)} | {(figure.IsMet == true ? "met" : "**missed**")} |\n");
        return table.ToString();
    }

    private static string Section(Result result)
    {
        var section = new StringBuilder($"### {result.Bench}\n\n{result.About}\n\n").Append(CultureInfo.InvariantCulture,
            $"`{result.Command}`, {result.At:yyyy-MM-dd HH:mm} UTC, commit {result.Commit}: {result.Machine}\n\n");
        foreach (var table in result.Tables)
        {
            section.Append(CultureInfo.InvariantCulture,
                $"{table.Title}:\n\n{Row(table.Columns)}{Row(table.Columns.Select((_, index) => index == 0 ? "---" : "---:"))}");
            foreach (var row in table.Rows) section.Append(Row(row));
            section.Append('\n');
        }
        foreach (var plot in result.Plots)
            section.Append(CultureInfo.InvariantCulture, $"![{plot.Title}](images/performance/{Drawing.FileName(result, plot)})\n\n");
        return section.ToString();
    }

    private static string Row(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";

    private static string Whole(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);

    private static string Between(string text, string mark, string content)
    {
        var (begin, end) = ($"<!-- {mark} -->", $"<!-- /{mark} -->");
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"the document lacks {begin} and {end}");
        return $"{text[..(from + begin.Length)]}\n{content}{text[to..]}";
    }
}
