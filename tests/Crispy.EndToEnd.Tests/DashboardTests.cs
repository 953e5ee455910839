using System.Text.RegularExpressions;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.EndToEnd.Tests;

public sealed partial class DashboardTests
{
    [Fact]
    public async Task The_dashboard_shows_one_trace_from_capture_to_log_line()
    {
        await using var run = AppHostRun.Start("--window", "1");
        await Until.TrueAsync(() => Address().IsMatch(run.Output) || run.Output.Contains("No dashboard", StringComparison.Ordinal), TimeSpan.FromMinutes(3));
        Assert.SkipUnless(Address().IsMatch(run.Output), "the Aspire dashboard cannot be had here");
        await Until.TrueAsync(() => Stored.Logged(run).Count >= 3, TimeSpan.FromMinutes(3));
        var trace = (string)Stored.Logged(run)[0]["logging.googleapis.com/trace"]!;

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1400, Height = 700 } });
        var address = new Uri(Address().Match(run.Output).Groups[1].Value);
        await page.GotoAsync(new Uri(address, $"/traces/detail/{trace[(trace.LastIndexOf('/') + 1)..]}").ToString());
        foreach (var service in new[] { "stream-handle", "upload-worker", "chunk-logger" })
        {
            await Assertions.Expect(page.GetByText(service).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        }
        foreach (var span in new[] { "chunk capture", "chunk upload", "chunk log" })
        {
            await Assertions.Expect(page.GetByText(span).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        }
        if (Environment.GetEnvironmentVariable("CRISPY_SCREENSHOT") is { Length: > 0 } picture) await page.ScreenshotAsync(new() { Path = picture });
    }

    [GeneratedRegex(@"Dashboard: (http://\S+)")]
    private static partial Regex Address();
}
