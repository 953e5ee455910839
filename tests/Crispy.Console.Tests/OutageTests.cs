using System.Globalization;
using System.Text.Json.Nodes;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class OutageTests(Installation installation)
{
    [Fact]
    public async Task A_camera_that_goes_away_turns_red_and_comes_back_and_its_gap_stays_on_the_timeline()
    {
        await using var opened = await installation.OpenAsync("/");
        var tile = opened.Tile("gate");
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "good");

        await installation.Gate.StopAsync();
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "bad");
        await Assertions.Expect(tile).ToContainTextAsync("No signal");
        // Trouble comes first, wherever its name stands in the alphabet.
        await Assertions.Expect(opened.Page.Locator(".tile").First).ToHaveAttributeAsync("data-stream", "gate");
        await installation.Gate.StartAsync();
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-level", "good");

        var gap = await GapAsync();
        await tile.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Gate, north" })).ToBeVisibleAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
        // Stored, then not recorded, then stored again.
        await opened.Page.WaitForFunctionAsync("""
            () => {
                const kinds = [...document.querySelectorAll("[data-part=track] rect.span")]
                    .sort((a, b) => a.x.baseVal.value - b.x.baseVal.value)
                    .map(r => r.dataset.kind)
                    .join(" ");
                return /stored gap (spooled )?stored/.test(kinds);
            }
            """);
        // And as words, for who cannot see it.
        await Assertions.Expect(opened.Page.Locator("tr[data-kind=gap]").Last).ToBeVisibleAsync();

        await opened.ClickTimelineAsync(gap.From.AddSeconds(-2));
        await Assertions.Expect(opened.Page.Locator("[data-part=chunk-state]")).ToHaveTextAsync("stored");
        await Assertions.Expect(opened.Page.Locator("[data-part=signature]")).ToContainTextAsync("good");
        // What has been played counts: at the gap, two seconds on, it ends.
        await opened.Page.WaitForFunctionAsync("""
            () => {
                const played = document.querySelector("video").played;
                return [...Array(played.length).keys()].reduce((sum, i) => sum + played.end(i) - played.start(i), 0) > 0.5;
            }
            """);

        // The list leads to the gap: the timeline shows it with its neighbours, and stands still.
        await opened.Page.Locator("tr[data-kind=gap]").Last.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Until.TrueAsync(async () => await LengthAsync(opened.Page.Locator("[data-part=track]")) < 300);
        await opened.ClickTimelineAsync(gap.From + (gap.To - gap.From) / 2);
        await Assertions.Expect(opened.Page.GetByText("Nothing is recorded at")).ToBeVisibleAsync();
        await Assertions.Expect(opened.Note).ToHaveTextAsync("No video of this time is stored.");
    }

    [Fact]
    public async Task No_click_on_the_timeline_is_lost_or_goes_astray()
    {
        await using var opened = await installation.OpenAsync("/");
        var page = opened.Page;
        var arrives = new TaskCompletionSource();
        await page.RouteAsync("**/js/timeline.js*", async route =>
        {
            await arrives.Task;
            await route.ContinueAsync();
        });
        await page.Clock.InstallAsync();

        // What the buttons steer is not there yet.
        await opened.Tile("hall").GetByRole(AriaRole.Link).ClickAsync();
        var button = page.GetByRole(AriaRole.Button, new() { Name = "1 min", Exact = true });
        await Assertions.Expect(button).ToBeDisabledAsync();
        arrives.SetResult();
        await button.ClickAsync();
        var track = page.Locator("[data-part=track]");
        await Until.TrueAsync(async () => await LengthAsync(track) is > 55 and < 65);

        // It goes on with the time, but not under the pointer.
        await track.HoverAsync();
        var end = await track.GetAttributeAsync("aria-valuemax");
        await page.Clock.FastForwardAsync(4000);
        Assert.Equal(end, await track.GetAttributeAsync("aria-valuemax"));
        await page.Mouse.MoveAsync(1, 1);
        await page.Clock.FastForwardAsync(4000);
        await Assertions.Expect(track).Not.ToHaveAttributeAsync("aria-valuemax", end!);
    }

    [Fact]
    public async Task A_range_is_verified_and_the_keyboard_reaches_what_the_mouse_does()
    {
        await using var opened = await installation.OpenAsync("/streams/hall");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "1 min", Exact = true }).ClickAsync();
        await opened.Page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
        await opened.Button("Verify this range").ClickAsync();
        await Assertions.Expect(opened.Page.Locator("[data-part=verdict]")).ToContainTextAsync("what was signed");
        // How it went, in pictures and in words.
        await Assertions.Expect(opened.Page.Locator("[data-plot-now=throughput]")).ToContainTextAsync("bit/s while it recorded");
        await Assertions.Expect(opened.Page.Locator("[data-plot-now=delay]")).ToContainTextAsync("Longest");
        await Assertions.Expect(opened.Page.Locator("[data-plot-now=backlog]")).ToContainTextAsync("Highest");
        await Assertions.Expect(opened.Page.Locator("[data-plot] canvas")).ToHaveCountAsync(3);

        var track = opened.Page.Locator("[data-part=track]");
        var length = await LengthAsync(track);
        await track.FocusAsync();
        await opened.Page.Keyboard.PressAsync("+");
        await Until.TrueAsync(async () => await LengthAsync(track) < length * 0.6);
        await opened.Page.Keyboard.PressAsync("-");
        await Until.TrueAsync(async () => await LengthAsync(track) > length * 0.9);
        await track.HoverAsync();
        await opened.Page.Mouse.WheelAsync(0, -100);
        await Until.TrueAsync(async () => await LengthAsync(track) < length * 0.9);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "1 min", Exact = true }).ClickAsync();
        await track.FocusAsync();
        await Until.TrueAsync(async () =>
        {
            await opened.Page.Keyboard.PressAsync("ArrowRight");
            return (await track.GetAttributeAsync("aria-valuetext"))!.EndsWith(", stored", StringComparison.Ordinal);
        });
        await opened.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(opened.Page.Locator("[data-part=chunk-state]")).ToHaveTextAsync("stored");
    }

    private static async Task<double> LengthAsync(ILocator track) =>
        double.Parse((await track.GetAttributeAsync("aria-valuemax"))!, CultureInfo.InvariantCulture)
        - double.Parse((await track.GetAttributeAsync("aria-valuemin"))!, CultureInfo.InvariantCulture);

    // The newest gap between two chunks that are stored.
    private async Task<(DateTimeOffset From, DateTimeOffset To)> GapAsync()
    {
        JsonNode? found = null;
        await Until.TrueAsync(async () =>
        {
            var (from, to) = (TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow());
            var spans = (await installation.GetAsync($"/api/streams/gate/timeline?from={from:yyyy-MM-ddTHH:mm:ssZ}"
                + $"&to={to:yyyy-MM-ddTHH:mm:ssZ}&pixels=1000"))["spans"]!.AsArray();
            var index = Enumerable.Range(1, Math.Max(0, spans.Count - 2))
                .LastOrDefault(i => Kind(i) == "gap" && Kind(i - 1) == "stored" && Kind(i + 1) == "stored");
            found = index > 0 ? spans[index] : null;
            return found is not null;

            string? Kind(int i) => (string?)spans[i]!["kind"];
        });
        return ((DateTimeOffset)found!["from"]!, (DateTimeOffset)found["to"]!);
    }
}
