using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>A range is kept and released in the page, and the page of retention tells how long all is kept.</summary>
[Collection<OneInstallation>]
public sealed class RetentionTests(Installation installation)
{
    [Fact]
    public async Task A_range_is_kept_with_a_note_seen_on_the_timeline_and_in_the_card_and_released()
    {
        var chunk = await installation.ChunkAsync("gate", least: 10);
        var from = (DateTimeOffset)chunk["from"]!;
        await using var opened = await installation.OpenAsync(
            $"/streams/gate?from={from.AddSeconds(-5):yyyy-MM-ddTHH:mm:ssZ}&to={from.AddSeconds(5):yyyy-MM-ddTHH:mm:ssZ}");
        var page = opened.Page;
        await Assertions.Expect(page.Locator("[data-part=kept]")).ToContainTextAsync("Kept for good");

        await opened.Button("Keep this range").ClickAsync();
        await page.Locator("#hold-note").FillAsync("case 17");
        await opened.DialogButton("Keep it").ClickAsync();
        await Assertions.Expect(page.Locator("[data-part=hold]")).ToContainTextAsync("kept at any age");
        await Assertions.Expect(page.Locator(".track rect.held").First).ToBeVisibleAsync();
        await opened.ClickTimelineAsync(from.AddMilliseconds(500));
        await Assertions.Expect(page.Locator("[data-part=held]")).ToContainTextAsync("case 17");
        Assert.NotEmpty((await installation.GetAsync("/api/streams/gate/holds"))["items"]!.AsArray());

        await opened.Button("Release").ClickAsync();
        await opened.DialogButton("Release").ClickAsync();
        await Assertions.Expect(page.Locator("[data-part=hold]")).ToContainTextAsync("released");
        await Assertions.Expect(page.Locator(".track rect.held")).ToHaveCountAsync(0);
        await Until.TrueAsync(async () => (await installation.GetAsync("/api/streams/gate/holds"))["items"]!.AsArray().Count == 0,
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_page_of_retention_names_every_stream_with_its_days_and_its_costs()
    {
        await installation.ChunkAsync("hall", least: 3);
        await using var opened = await installation.OpenAsync("/retention");
        foreach (var stream in (string[])["gate", "hall"])
            await Assertions.Expect(opened.Page.Locator($"tr[data-stream='{stream}']")).ToContainTextAsync("for good");
        await Assertions.Expect(opened.Page.GetByText("Prices that were not set")).ToBeVisibleAsync();
        Assert.False(await opened.ScrollsSidewaysAsync());
    }
}
