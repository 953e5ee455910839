using System.Text;

namespace Crispy.Cameras;

/// <summary>The makers as the table of <c>docs/cameras.md</c>.</summary>
public static class MakerTable
{
    /// <summary>The table, in Markdown.</summary>
    public static string Write()
    {
        var text = new StringBuilder("| maker | `--maker` | main stream | second, smaller stream | to know |\n|---|---|---|---|---|\n");
        foreach (var maker in Maker.All)
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"| {maker.Name} | {(maker.Main is null ? "" : $"`{maker.Id}`")} | {Shown(maker, maker.Main)} | {Shown(maker, maker.Sub)} "
                    + $"| {maker.Note} |\n");
        return text.ToString();
    }

    private static string Shown(Maker maker, string? template)
    {
        if (template is null) return "";
        var user = maker.Key is null ? "USER:PASSWORD@" : "";
        var address = template.Replace("HOST", user + "HOST", StringComparison.Ordinal)
            .Replace("CHANNEL2", "01", StringComparison.Ordinal)
            .Replace("CHANNEL", "1", StringComparison.Ordinal);
        return $"`{address}`";
    }
}
