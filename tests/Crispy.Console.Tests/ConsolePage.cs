using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>A page of the console in the browser.</summary>
public sealed class ConsolePage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();

    private ConsolePage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    /// <summary>Playwright's page.</summary>
    public IPage Page { get; }

    /// <summary>Opens a page; returns when it is interactive.</summary>
    public static async Task<ConsolePage> OpenAsync(IBrowser browser, Uri address, ColorScheme scheme = ColorScheme.Light, int width = 1280,
        int height = 900, bool interactive = true)
    {
        var context = await browser.NewContextAsync(
            new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme,
                TimezoneId = "Europe/Berlin", Locale = "en-GB" });
        var opened = new ConsolePage(context, await context.NewPageAsync());
        opened.Page.SetDefaultTimeout(300_000);
        opened.Watch(address);
        await opened.Page.GotoAsync(address.ToString());
        // The zone's name comes from the browser, over the connection that makes the page interactive.
        if (interactive)
            await Assertions.Expect(opened.Page.GetByRole(AriaRole.Button, new() { Name = "Local time" }))
                .ToBeVisibleAsync();
        return opened;
    }

    /// <summary>A stream's tile.</summary>
    public ILocator Tile(string stream) => Page.Locator($".tile[data-stream='{stream}']");

    /// <summary>A button by its words. Those of the component library tell their role to screen readers by ElementInternals,
    /// which no selector sees.</summary>
    public ILocator Button(string words) => Buttons(Page.Locator("main"), words);

    /// <summary>A button of the dialog that is open.</summary>
    public ILocator DialogButton(string words) => Buttons(Dialog, words);

    /// <summary>The dialog that is open.</summary>
    public ILocator Dialog => Page.Locator("fluent-dialog-body").Filter(new() { Visible = true });

    /// <summary>Whether the page is wider than its window.</summary>
    public async Task<bool> ScrollsSidewaysAsync() => await Page.EvaluateAsync<bool>(
        "() => [document.documentElement, document.body, ...document.querySelectorAll('.content, main')].some(e => e.scrollWidth > "
            + "e.clientWidth + 1)");

    /// <summary>What stands over the video, or in its place.</summary>
    public ILocator Note => Page.Locator("[data-part=note]");

    /// <summary>The still picture in place of the video.</summary>
    public ILocator Still => Page.Locator("[data-part=still]");

    /// <summary>Does something that saves a file, and waits for the whole file.</summary>
    /// <returns>Its name and where it is.</returns>
    public async Task<(string Name, string Path)> DownloadAsync(Func<Task> act)
    {
        var download = await Page.RunAndWaitForDownloadAsync(act);
        return (download.SuggestedFilename, await download.PathAsync());
    }

    /// <summary>Runs a script that gives a number.</summary>
    public Task<double> NumberAsync(string script) => Page.EvaluateAsync<double>(script);

    /// <summary>Clicks the track of the timeline at a time.</summary>
    public async Task ClickTimelineAsync(DateTimeOffset time)
    {
        var track = Page.Locator("[data-part=track]");
        // It stands still under the pointer.
        await track.HoverAsync();
        var (from, to) = (await ValueAsync(track, "aria-valuemin"), await ValueAsync(track, "aria-valuemax"));
        var box = (await track.BoundingBoxAsync())!;
        var share = (time.ToUnixTimeMilliseconds() / 1000.0 - from) / (to - from);
        Assert.InRange(share, 0, 1);
        await track.ClickAsync(new() { Position = new() { X = (float)(box.Width * share), Y = box.Height / 2 } });
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.True(_faults.IsEmpty, string.Join("\n", _faults));
    }

    private static ILocator Buttons(ILocator within, string words) =>
        within.Locator("button, fluent-button, fluent-anchor-button, a.button")
        .Filter(new() { HasTextRegex = new($@"^\s*{Regex.Escape(words)}\s*$") });

    // A file comes from the bucket itself, where the console's own link leads to: it is saved, and never part of a page.
    private static bool IsFile(Uri url) => url.Query.Contains("response-content-disposition=attachment", StringComparison.Ordinal);

    private static async Task<double> ValueAsync(ILocator element, string name) =>
        double.Parse((await element.GetAttributeAsync(name))!, CultureInfo.InvariantCulture);

    private void Watch(Uri address)
    {
        Page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            var isOwn = url.Scheme is "data" or "blob" || url.Authority == address.Authority;
            if (!isOwn && !IsFile(url)) _faults.Enqueue($"asks another site: {url}");
        };
        Page.PageError += (_, error) => _faults.Enqueue($"script error: {error}");
        Page.Console += (_, line) =>
        {
            if (line.Text.Contains("Content Security Policy", StringComparison.Ordinal)) _faults.Enqueue(line.Text);
        };
    }
}
