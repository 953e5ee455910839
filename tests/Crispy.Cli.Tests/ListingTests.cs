using Crispy.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Crispy.Cli.Tests;

/// <summary>Rows that fit a terminal.</summary>
public sealed class ListingTests
{
    private const string Cause = "Server returned 401 Unauthorized (authorization failed), asked for /Streaming/Channels/101";

    [Theory]
    [InlineData(200)]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public void A_cause_is_whole_at_any_width_and_an_address_is_shortened(int width)
    {
        var table = new Listing(new("STREAM", Cut.Middle), new("STATE"), new("FPS", Right: true, Optional: true), new("SOURCE", Cut.End));
        table.Add("gate", "backoff", "", new Cell(Cause, Whole: true));
        table.Add("yard", "running", "25", new string('/', 300));
        var lines = Segment.SplitLines(table.Fit(width).Render(RenderOptions.Create(AnsiConsole.Console), width))
            .Select(line => string.Concat(line.Select(segment => segment.Text)).TrimEnd()).ToList();
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        // Where it goes on in the next line, a blank or a break stands between.
        var shown = string.Concat(lines.Where(line => !line.Contains("yard", StringComparison.Ordinal)).Skip(1)
            .Select((line, index) => index == 0 ? line.Replace("gate", "", StringComparison.Ordinal)
            .Replace("backoff", "", StringComparison.Ordinal) : line))
            .Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(Cause.Replace(" ", "", StringComparison.Ordinal), shown);
        Assert.Contains("…", Assert.Single(lines, line => line.StartsWith("yard", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
