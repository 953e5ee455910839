using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed partial class DownloadTests(Installation installation)
{
    [Fact]
    public async Task A_click_or_the_enter_key_downloads_a_chunk_and_the_page_stays()
    {
        var chunk = await installation.ChunkAsync("gate");
        await using var opened = await installation.OpenAsync(At("gate", chunk));
        var page = opened.Page;
        await Assertions.Expect(page.Locator("[data-part=chunk-state]")).ToHaveTextAsync("stored");
        await Assertions.Expect(page.Locator("[data-part=from]")).ToHaveTextAsync(ZonedTime());

        var (name, path) = await opened.DownloadAsync(() => opened.Button("Download").ClickAsync());
        Assert.Matches(ChunkFile(), name);
        Assert.Equal((long)chunk["size"]!, new FileInfo(path).Length);
        Assert.Equal("h264", Assert.Single(await Ffprobe.StreamsAsync(path)).Codec);

        var (again, _) = await opened.DownloadAsync(() => opened.Button("Download").PressAsync("Enter"));
        Assert.Equal(name, again);
        Assert.Contains("/streams/gate", page.Url, StringComparison.Ordinal);
        var (list, text) = await opened.DownloadAsync(() => opened.Button("Playlist for other players").ClickAsync());
        Assert.Equal("gate.m3u8", list);
        // It leads back from wherever it lies.
        var lines = await File.ReadAllLinesAsync(text);
        Assert.Equal("#EXTM3U", lines[0]);
        Assert.All(lines.Where(line => line.EndsWith(".m4s", StringComparison.Ordinal)),
            line => Assert.StartsWith(installation.Address.ToString(), line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"#EXT-X-MAP:URI=\"{installation.Address}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_ledger_and_its_report_are_downloaded()
    {
        await using var opened = await installation.OpenAsync("/losses");
        await Assertions.Expect(opened.Page.Locator("tr[data-stream=gate]")).ToBeVisibleAsync();
        var (csv, path) = await opened.DownloadAsync(() => opened.Button("CSV").ClickAsync());
        Assert.Equal("ledger.csv", csv);
        Assert.Contains("gate", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        var (report, signed) = await opened.DownloadAsync(() => opened.Button("Signed report").PressAsync("Enter"));
        Assert.Equal("ledger-report.jws", report);
        Assert.Contains("crispy.ledger/1", await File.ReadAllTextAsync(signed), StringComparison.Ordinal);
        Assert.EndsWith("/losses", opened.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_there_is_not_is_said_so_beside_the_link()
    {
        var chunk = await installation.ChunkAsync("gate");
        await using var opened = await installation.OpenAsync(At("gate", chunk));
        var page = opened.Page;
        const string problem = """{"detail":"the bucket 'chunks' does not answer"}""";
        await page.RouteAsync("**/download/**",
            route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = problem }));
        await opened.Button("Download").ClickAsync();
        await Assertions.Expect(page.Locator(".chunk [role=alert]"))
            .ToHaveTextAsync("There is no file: the bucket 'chunks' does not answer");
    }

    /// <summary>The page of a stream at a moment within a chunk.</summary>
    internal static string At(string stream, JsonNode chunk) =>
        $"/streams/{stream}?at={((DateTimeOffset)chunk["from"]!).AddMilliseconds(200).UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}";

    [GeneratedRegex(@"^gate-\d{8}T\d{9}Z-\d{8}\.mkv$")]
    private static partial Regex ChunkFile();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \+0[12]:00$")]
    private static partial Regex ZonedTime();
}
