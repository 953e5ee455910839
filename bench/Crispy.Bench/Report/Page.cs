using System.Globalization;
using System.Net;
using System.Text;

namespace Crispy.Bench.Report;

/// <summary>All results as one HTML page that needs no other file.</summary>
internal static class Page
{
    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
        + "table{border-collapse:collapse;margin:1rem 0}th,td{border-bottom:1px solid #ddd;padding:.25rem .7rem;text-align:right}"
        + "th:first-child,td:first-child{text-align:left}img{max-width:100%}.met{color:#17702b}.missed{color:#b3261e}small{color:#666}";

    /// <summary>The page.</summary>
    /// <param name="results">The results.</param>
    /// <param name="folder">Where their plots are.</param>
    public static string Of(IReadOnlyList<Result> results, string folder)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Crispy: measured</title>")
            .Append(CultureInfo.InvariantCulture, $"<style>{Style}</style><h1>Crispy: measured</h1>");
        AddTargets(page, results);
        foreach (var result in results) Add(page, result, folder);
        return page.Append("</html>\n").ToString();
    }

    private static void AddTargets(StringBuilder page, IReadOnlyList<Result> results)
    {
        page.Append("<h2>Targets</h2><table><tr><th>what<th>target<th>measured<th>");
        foreach (var figure in results.SelectMany(result => result.Figures).Where(figure => figure.IsMet is not null))
        {
            var word = figure.IsMet == true ? "met" : "missed";
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Html(figure.What)}<td>{Document.TargetOf(figure)}<td>{Document.ValueOf(figure)}<td class=\"{word}\">{word}");
        }
        page.Append("</table>");
    }

    private static void Add(StringBuilder page, Result result, string folder)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"<h2>{Html(result.Bench)}</h2><p>{Html(result.About)}</p><p><small>{Document.Stamp(result, Html)}</small></p>");
        foreach (var table in result.Tables)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h3>{Html(table.Title)}</h3><table><tr>")
                .AppendJoin("", table.Columns.Select(column => $"<th>{Html(column)}"));
            foreach (var row in table.Rows) page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Html(cell)}"));
            page.Append("</table>");
        }
        foreach (var plot in result.Plots)
        {
            var png = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, Drawing.FileName(result, plot))));
            page.Append(CultureInfo.InvariantCulture, $"<p><img alt=\"{Html(plot.Title)}\" src=\"data:image/png;base64,{png}\"></p>");
        }
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
