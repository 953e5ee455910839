using System.Text.RegularExpressions;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed partial class LiveTests(Installation installation)
{
    private const string Playing = "since => (video => video.currentTime > since && !video.paused)(document.querySelector('video'))";

    [Fact]
    public async Task A_page_opens_with_the_newest_picture_and_live_goes_on_until_it_is_stopped()
    {
        await using var opened = await installation.OpenAsync("/streams/hall");
        var page = opened.Page;
        var (age, live) = (page.Locator("[data-part=age]"), page.Locator("[data-act=live]"));
        await Assertions.Expect(age).ToHaveTextAsync(SecondsAgo());
        await page.WaitForFunctionAsync("() => document.querySelector('[data-part=still]').naturalWidth > 0");

        var first = new TaskCompletionSource<string>();
        page.Response += async (_, answer) =>
        {
            var isList = answer.Status == 200 && answer.Url.Contains("live.m3u8", StringComparison.Ordinal);
            if (isList) first.TrySetResult(await answer.TextAsync());
        };
        await live.ClickAsync();
        await Assertions.Expect(live).ToHaveAttributeAsync("aria-pressed", "true");
        var length = (await first.Task).Split('\n').Where(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[8..].TrimEnd(','), System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(length, 0.5, 30);
        // More than a minute further than what there was at first.
        await page.WaitForFunctionAsync(Playing, length + 60);
        await Assertions.Expect(page.Locator("[data-part=clock]")).ToHaveTextAsync(LiveClock());
        await Assertions.Expect(opened.Note).ToBeHiddenAsync();

        await live.ClickAsync();
        await Assertions.Expect(live).ToHaveAttributeAsync("aria-pressed", "false");
        await Assertions.Expect(age).ToHaveTextAsync(SecondsAgo());
    }

    [Fact]
    public async Task Playing_at_the_right_edge_waits_for_the_next_chunk_and_goes_on()
    {
        await using var opened = await installation.OpenAsync("/streams/hall");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "1 min", Exact = true }).ClickAsync();
        await opened.Page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
        await opened.ClickTimelineAsync(TimeProvider.System.GetUtcNow().AddSeconds(-8));
        await opened.Page.WaitForFunctionAsync(Playing, 0);
        // What was stored at the click is played in some seconds. Then it goes on with the present.
        await Assertions.Expect(opened.Page.Locator("[data-part=clock]")).ToHaveTextAsync(LiveClock());
        await opened.Page.WaitForFunctionAsync(Playing, 15);
    }

    [Fact]
    public async Task A_tile_says_how_old_its_picture_is_once_it_is_not_new_and_asks_for_few_at_once()
    {
        // Counted from the first: so on a page without any.
        await using var opened = await installation.OpenAsync("/losses");
        var (most, now) = (0, 0);
        opened.Page.Request += (_, request) => most = Math.Max(most, IsPicture(request) ? Interlocked.Increment(ref now) : 0);
        opened.Page.RequestFinished += (_, request) => _ = IsPicture(request) ? Interlocked.Decrement(ref now) : 0;
        opened.Page.RequestFailed += (_, request) => _ = IsPicture(request) ? Interlocked.Decrement(ref now) : 0;
        await opened.Page.GotoAsync(installation.Address.ToString());
        var tile = opened.Tile("gate");
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('.tile[data-stream=gate] img')?.naturalWidth > 0");
        var box = (await tile.Locator(".picture").BoundingBoxAsync())!;
        Assert.InRange(box.Width / box.Height, 1.76, 1.80);
        Assert.Equal("contain", await tile.Locator("img").EvaluateAsync<string>("image => getComputedStyle(image).objectFit"));
        // It is minutes old at most: it is not judged by a day that it was not there.
        await Assertions.Expect(tile.Locator("dt").Last).Not.ToHaveTextAsync("24 h");
        // What is written below a picture is not cut either.
        Assert.True(await tile.Locator(".tile-facts").EvaluateAsync<bool>("facts => facts.scrollWidth <= facts.clientWidth"));
        var age = tile.Locator(".picture-age");

        await installation.Gate.StopAsync();
        try
        {
            await Assertions.Expect(age).ToHaveTextAsync(SecondsAgo());
            await Assertions.Expect(age).ToHaveTextAsync(MinutesOld());
            await Assertions.Expect(age).ToHaveAttributeAsync("data-stale", "true");
        }
        finally
        {
            await installation.Gate.StartAsync();
        }
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "good");
        // A new picture comes by itself.
        await Assertions.Expect(age).Not.ToHaveTextAsync(MinutesOld());
        Assert.InRange(most, 1, 3);

        static bool IsPicture(IRequest request) => request.Url.Contains("/thumbnail", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\d+ s ago$")]
    private static partial Regex SecondsAgo();

    [GeneratedRegex(@"^This picture is \d+ min( \d+ s)? old$")]
    private static partial Regex MinutesOld();

    [GeneratedRegex(@" – live, [\d.]+ s behind$")]
    private static partial Regex LiveClock();
}
