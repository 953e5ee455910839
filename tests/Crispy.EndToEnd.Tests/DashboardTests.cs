using System.Text.RegularExpressions;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.EndToEnd.Tests;

/// <summary>The Aspire dashboard of one run, in a real browser, signed in by the link that the run printed.</summary>
public sealed partial class DashboardTests(DashboardTests.Opened opened) : IClassFixture<DashboardTests.Opened>
{
    [Fact]
    public async Task Every_resource_runs_and_is_healthy_and_nothing_has_to_be_puzzled_over()
    {
        var page = await opened.GoToAsync("/");
        foreach (var name in new[] { "redis", "rabbitmq", "rabbitmq-epmd", "bucket", "chunk-logger", "stream-handle", "console" })
            await Assertions.Expect(Row(page, new($"^{name}$"))).ToContainTextAsync("Running");
        await Assertions.Expect(Row(page, new("^upload-worker-"))).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByText("Showing 9 resources")).ToBeVisibleAsync();
        foreach (var trouble in new[] { "Unhealthy", "Degraded", "Exited", "Finished", "certificate", "unsecured", "Unresolved" })
            await Assertions.Expect(page.GetByText(trouble)).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".fluent-messagebar")).ToHaveCountAsync(0);
        foreach (var link in new[] { "Console", "API", "Objects" })
            await Assertions.Expect(page.GetByRole(AriaRole.Row).GetByRole(AriaRole.Link, new() { Name = link, Exact = true }))
                .ToBeVisibleAsync();
        await Opened.ShootAsync(page, "resources");
    }

    [Fact]
    public async Task A_resource_s_health_is_told_in_words()
    {
        var page = await opened.GoToAsync("/");
        await Row(page, new("^stream-handle$")).GetByText("stream-handle").First.ClickAsync();
        var says = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "stream-handle-says" });
        await Assertions.Expect(says).ToContainTextAsync("Healthy");
        await Assertions.Expect(says).ToContainTextAsync("RabbitMQ");
    }

    [Fact]
    public async Task The_graph_shows_what_needs_what()
    {
        var page = await opened.GoToAsync("/?view=Graph");
        await Assertions.Expect(page.Locator("svg.resource-graph, .resources-summary-layout svg").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("stream-handle").First).ToBeVisibleAsync();
        await Opened.ShootAsync(page, "graph");
    }

    [Fact]
    public async Task One_trace_a_chunk_leads_from_capture_to_log_line_and_no_other_trace_is_listed()
    {
        await Until.TrueAsync(() => Stored.Logged(opened.Run).Count >= 3, TimeSpan.FromMinutes(3));
        var trace = (string)Stored.Logged(opened.Run)[1]["logging.googleapis.com/trace"]!;
        var page = await opened.GoToAsync($"/traces/detail/{trace[(trace.LastIndexOf('/') + 1)..]}");
        foreach (var service in new[] { "stream-handle", "upload-worker", "bucket", "chunk-logger" })
            await Assertions.Expect(page.GetByText(service).First).ToBeVisibleAsync();
        foreach (var span in new[] { "chunk capture", "chunk upload", "chunk log" })
            await Assertions.Expect(page.GetByText(span).First).ToBeVisibleAsync();
        await Opened.ShootAsync(page, "trace");

        page = await opened.GoToAsync("/traces");
        var rows = page.GetByRole(AriaRole.Row).Filter(new() { HasTextRegex = new(@"\d+:\d+:\d+") });
        await Assertions.Expect(rows.First).ToBeVisibleAsync();
        // A trace has the name of whichever of its spans came first, until its root has come.
        var listed = (await rows.AllInnerTextsAsync()).Select(row => TraceId().Match(row).Value).ToHashSet();
        Assert.NotEmpty(listed);
        await Until.TrueAsync(async () =>
        {
            var now = await rows.AllInnerTextsAsync();
            return listed.All(id =>
                now.Any(row => row.Contains(id, StringComparison.Ordinal)
                    && row.Contains("stream-handle: chunk capture", StringComparison.Ordinal)));
        }, what: "every trace in the list is a chunk's");
        await Opened.ShootAsync(page, "traces");
    }

    [Fact]
    public async Task A_log_line_about_a_chunk_leads_to_its_trace()
    {
        var page = await opened.GoToAsync("/structuredlogs");
        foreach (var about in new[] { "is ready", "stored" })
        {
            var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = about }).First;
            await Assertions.Expect(row).ToBeVisibleAsync();
            await Assertions.Expect(row.GetByRole(AriaRole.Link)).ToHaveAttributeAsync("href", new Regex("/traces/detail/[0-9a-f]+"));
        }
    }

    private static ILocator Row(IPage page, Regex name) => page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByText(name) });

    [GeneratedRegex(@"Dashboard: (http://\S+)")]
    private static partial Regex Login();

    [GeneratedRegex(@"\b[0-9a-f]{7}\b")]
    private static partial Regex TraceId();

    /// <summary>A run with its dashboard open.</summary>
    public sealed class Opened : IAsyncLifetime
    {
        private IPlaywright? _playwright;
        private IBrowser? _browser;
        private IPage? _page;
        private Uri _address = new("http://localhost");

        /// <summary>The run.</summary>
        public AppHostRun Run { get; private set; } = null!;

        /// <inheritdoc />
        public async ValueTask InitializeAsync()
        {
            Run = AppHostRun.Start("--window", "1", "demo:");
            await Until.TrueAsync(() => Run.HasEnded || (Login().IsMatch(Run.Output) && Stored.Logged(Run).Count >= 1),
                TimeSpan.FromMinutes(3));
            Assert.True(Login().IsMatch(Run.Output), Run.Output);
            Assertions.SetDefaultExpectTimeout(300_000);
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = "/usr/bin/chromium",
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync"],
            });
            _page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = 1400, Height = 700 } });
            _address = new(Login().Match(Run.Output).Groups[1].Value);
            await _page.GotoAsync(_address.ToString());
        }

        /// <summary>Opens a page of the dashboard.</summary>
        public async Task<IPage> GoToAsync(string path)
        {
            await _page!.GotoAsync(new Uri(_address, path).ToString());
            return _page;
        }

        /// <summary>Takes a picture for the documents where CRISPY_SCREENSHOTS names a folder.</summary>
        public static async Task ShootAsync(IPage page, string name)
        {
            if (Environment.GetEnvironmentVariable("CRISPY_SCREENSHOTS") is not { Length: > 0 } folder) return;
            Directory.CreateDirectory(folder);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"dashboard-{name}.png") });
        }

        /// <inheritdoc />
        public async ValueTask DisposeAsync()
        {
            if (_browser is not null) await _browser.DisposeAsync();
            _playwright?.Dispose();
            if (Run is not null) await Run.DisposeAsync();
        }
    }
}
