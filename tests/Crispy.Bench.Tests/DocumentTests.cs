using Crispy.Bench.Report;

namespace Crispy.Bench.Tests;

public class DocumentTests
{
    private static readonly Result Measured = new()
    {
        Bench = "sample",
        About = "A sample.",
        Commit = "abc",
        Figures = [new("sample.fast", "how fast", 12, "a second") { AtLeast = 10, Least = 11, Greatest = 13 },
            new("sample.large", "how large", 12, "MB") { AtMost = 10 }, new("sample.plain", "without a target", 1, "")],
        Tables = [new("Rows", ["name", "value"], [["a|b", "1"]])],
        Plots = [new("line", "A line", "x", "y", [new("one", [1, 2, 4], [1, 10, 100])]) { LogarithmicX = true, LogarithmicY = true }],
    };

    [Fact]
    public void Only_what_stands_between_the_marks_is_rewritten()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["page.md"],
            "Before\n<!-- targets -->\nold\n<!-- /targets -->\nBetween\n<!-- results -->\nold\n<!-- /results -->\nAfter\n");

        Document.Fill(folder["page.md"], [Measured]);
        Document.Fill(folder["page.md"], [Measured]);

        var page = File.ReadAllText(folder["page.md"]);
        Assert.StartsWith("Before\n<!-- targets -->\n| what |", page, StringComparison.Ordinal);
        Assert.Contains(
            "| how fast | at least 10 a second | 12.0 a second (11.0 to 13.0) | met |\n| how large | at most 10 MB | 12.0 MB | **missed** "
                + "|\n<!-- /targets -->\nBetween\n", page, StringComparison.Ordinal);
        Assert.Contains("| a\\|b | 1 |\n\n![A line](images/performance/sample-line.png)\n\n<!-- /results -->\nAfter\n", page,
            StringComparison.Ordinal);
        Assert.DoesNotContain("old", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_without_marks_is_left_alone()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["page.md"], "Nothing to fill in\n");

        Assert.Throws<InvalidOperationException>(() => Document.Fill(folder["page.md"], [Measured]));
        Assert.Equal("Nothing to fill in\n", File.ReadAllText(folder["page.md"]));
    }

    [Fact]
    public void A_plot_becomes_a_PNG()
    {
        using var folder = new TempFolder();

        Drawing.Save(Measured.Plots[0], folder["line.png"]);

        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder["line.png"])[..4]);
    }
}
