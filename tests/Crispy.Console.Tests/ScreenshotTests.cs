using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>Takes the pictures of the documents: <c>eng/screenshots.sh</c> runs it, and no whole run of the tests does.</summary>
[Collection<OneInstallation>]
public sealed class ScreenshotTests(Installation installation)
{
    private static string? Folder => Environment.GetEnvironmentVariable("CRISPY_SCREENSHOTS");

    [Fact(Explicit = true)]
    public async Task Pictures_for_the_documents_are_taken()
    {
        Assert.False(string.IsNullOrEmpty(Folder), "CRISPY_SCREENSHOTS names the folder: eng/screenshots.sh sets it");
        Directory.CreateDirectory(Folder!);
        await ShootAsync("/", "phone", ColorScheme.Dark, width: 390, height: 844);
        await ShootAsync("/streams/gate", "stream", height: 1120, act: PlayLongestAsync);
        await ShootAsync("/streams/gate", "live", height: 960, act: PlayLiveAsync);
        await ShootAsync("/losses", "losses");
        await ShootTroubleAsync();
        await ShootAsync("/morning", "morning", act: opened => opened.Page.Locator("table tbody tr").First.WaitForAsync());
        await ShootAsync("/plots", "plots", act: opened => opened.Page.GetByRole(AriaRole.Button, new() { Name = "15 min" }).ClickAsync());
    }

    // A third into the longest time that is stored without a gap.
    private async Task PlayLongestAsync(ConsolePage opened)
    {
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
        await opened.Page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
        var now = TimeProvider.System.GetUtcNow();
        var timeline = await installation.GetAsync(
            $"/api/streams/gate/timeline?from={now.AddMinutes(-9):yyyy-MM-ddTHH:mm:ssZ}&to={now:yyyy-MM-ddTHH:mm:ssZ}&pixels=1000");
        var longest = timeline["spans"]!.AsArray().Where(span => (string?)span!["kind"] == "stored")
            .MaxBy(span => (DateTimeOffset)span!["to"]! - (DateTimeOffset)span["from"]!)!;
        var (from, to) = ((DateTimeOffset)longest["from"]!, (DateTimeOffset)longest["to"]!);
        await opened.ClickTimelineAsync(from + (to - from) / 3);
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('video').currentTime > 1");
    }

    private static async Task PlayLiveAsync(ConsolePage opened)
    {
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
        await opened.Page.Locator("[data-act=live]").ClickAsync();
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('video').currentTime > 5");
        await opened.Page.Locator("h1").ScrollIntoViewIfNeededAsync();
    }

    // A camera without power, and a bucket that is cut off: the line says both.
    private async Task ShootTroubleAsync()
    {
        await installation.Hall.StopAsync();
        await installation.CutBucketOffAsync();
        try
        {
            await ShootAsync("/", "duty", act: async opened =>
            {
                foreach (var kind in (string[])["bucket", "cameras"])
                    await Assertions.Expect(opened.Page.Locator($".duty-item[data-kind={kind}]"))
                        .ToHaveAttributeAsync("data-level", "bad");
            });
        }
        finally
        {
            await installation.BringBucketBackAsync();
            await installation.Hall.StartAsync();
        }
        await using var opened = await installation.OpenAsync("/");
        foreach (var stream in (string[])["gate", "hall"])
            await Assertions.Expect(opened.Tile(stream)).ToHaveAttributeAsync("data-level", "good");
    }

    private async Task ShootAsync(string path, string name, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800,
        Func<ConsolePage, Task>? act = null)
    {
        await using var opened = await installation.OpenAsync(path, scheme, width, height);
        await AccessibilityTests.SettleAsync(opened, path);
        if (act is not null) await act(opened);
        await opened.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await opened.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"console-{name}.png") });
    }
}
