using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed partial class AddressTests(Installation installation)
{
    [Fact]
    public async Task A_link_leads_another_person_to_the_same_time_and_zoom()
    {
        string link, chunk;
        double from, to;
        await using (var opened = await installation.OpenAsync("/streams/hall"))
        {
            var page = opened.Page;
            await page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
            await Assertions.Expect(page).ToHaveURLAsync(Last());
            await page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
            await Assertions.Expect(page.Locator("[data-part=status]")).ToContainTextAsync(LocalRange());
            await opened.ClickTimelineAsync(await MomentAsync());
            await Assertions.Expect(page.Locator("[data-part=chunk-state]")).ToHaveTextAsync("stored");
            // It stands still from here on.
            await page.GetByRole(AriaRole.Button, new() { Name = "Earlier" }).ClickAsync();
            await Assertions.Expect(page).ToHaveURLAsync(Whole());
            chunk = await page.Locator("[data-part=from]").InnerTextAsync();
            (from, to, link) = (await EdgeAsync(page, "min"), await EdgeAsync(page, "max"), page.Url);
        }
        await using var other = await ConsolePage.OpenAsync(installation.Browser, new(link));
        await Assertions.Expect(other.Page.Locator("[data-part=from]")).ToHaveTextAsync(chunk);
        Assert.InRange(await EdgeAsync(other.Page, "min"), from - 1, from + 1);
        Assert.InRange(await EdgeAsync(other.Page, "max"), to - 1, to + 1);
        // The browser's own way back leads there too.
        await other.Page.GetByRole(AriaRole.Link, new() { Name = "Losses" }).First.ClickAsync();
        await Assertions.Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Losses", Exact = true })).ToBeVisibleAsync();
        await other.Page.GoBackAsync();
        await Assertions.Expect(other.Page.Locator("[data-part=from]")).ToHaveTextAsync(chunk);
    }

    [Fact]
    public async Task Leaving_a_page_before_it_is_complete_breaks_none()
    {
        await using var opened = await installation.OpenAsync("/losses");
        var page = opened.Page;
        // What a page brings along comes late.
        await page.RouteAsync(new Regex("/js/(stream|plots|tiles)"), async route =>
        {
            await page.EvaluateAsync("() => new Promise(done => setTimeout(done, 300))");
            await route.ContinueAsync();
        });
        foreach (var path in new[] { "/streams/hall", "/", "/plots", "/losses" })
        {
            await page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            await Assertions.Expect(page).ToHaveURLAsync(new Uri(installation.Address, path).ToString());
        }
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await Assertions.Expect(page.Locator("tr[data-stream=hall]")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("This page failed")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("at=yesterday&from=1&to=0&last=-5")]
    [InlineData("last=1e99")]
    [InlineData("from=2001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z")]
    [InlineData("at=0001-01-01T00:00:00Z")]
    public async Task An_address_that_makes_no_sense_shows_the_page_all_the_same(string query)
    {
        await using var opened = await installation.OpenAsync($"/streams/hall?{query}");
        await Assertions.Expect(opened.Button("10 min")).ToBeEnabledAsync();
        await Assertions.Expect(opened.Page.GetByText("This page failed")).ToHaveCountAsync(0);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
        await opened.Page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
    }

    [Fact]
    public async Task Times_are_written_in_24_hours_and_what_is_none_or_to_come_is_said()
    {
        await using var opened = await installation.OpenAsync("/streams/hall");
        var (page, field) = (opened.Page, opened.Page.Locator("#go"));
        await Assertions.Expect(page.Locator("label[for=go]")).ToHaveTextAsync("Go to (Europe/Berlin)");
        await Assertions.Expect(opened.Button("Go")).ToBeEnabledAsync();
        await GoAsync("half past nine");
        await Assertions.Expect(page.GetByText("“half past nine” is no time.")).ToBeVisibleAsync();
        await GoAsync("2099-01-01 14:03");
        await Assertions.Expect(page.GetByText("2099-01-01 14:03:00 is still to come: it is ")).ToBeVisibleAsync();
        var wanted = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(await MomentAsync(), "Europe/Berlin");
        await GoAsync(wanted.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture));
        await Assertions.Expect(page.GetByText("still to come")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("[data-part=chunk-state]")).ToHaveTextAsync("stored");
        Assert.InRange(wanted.ToUnixTimeSeconds(), await EdgeAsync(page, "min"), await EdgeAsync(page, "max"));

        await page.GotoAsync(new Uri(installation.Address, "/losses").ToString());
        await Assertions.Expect(page.Locator("tr[data-stream=hall]")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("From")).ToHaveValueAsync(Moment());
        await page.GetByLabel("From").FillAsync("11/26/2026 2:03 PM");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Assertions.Expect(page.GetByText("“11/26/2026 2:03 PM” is no time.")).ToBeVisibleAsync();

        async Task GoAsync(string text)
        {
            await field.FillAsync(text);
            await field.PressAsync("Enter");
        }
    }

    [Fact]
    public async Task An_address_of_nothing_is_a_page_for_people()
    {
        await using var opened = await installation.OpenAsync("/nonsense");
        var heading = opened.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" });
        await Assertions.Expect(heading).ToBeVisibleAsync();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Link, new() { Name = "All streams" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("/nonsense", "text/html", "text/html")]
    [InlineData("/streams/a/b/c", "text/html", "text/html")]
    [InlineData("/nonsense", "application/json", "application/problem+json")]
    [InlineData("/api/nonsense", "*/*", "application/problem+json")]
    public async Task An_address_of_nothing_is_not_found(string path, string accept, string expected)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(installation.Address, path));
        request.Headers.Accept.Add(new(accept));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.NotFound, expected), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)]
    public async Task A_page_scrolls_in_one_place(int width, int height)
    {
        await using var opened = await installation.OpenAsync("/streams/gate", width: width, height: height);
        await AccessibilityTests.SettleAsync(opened, "/streams/gate");
        await Assertions.Expect(opened.Page.Locator("[data-plot] canvas")).ToHaveCountAsync(3);
        Assert.True(await opened.Page.EvaluateAsync<bool>("() => document.documentElement.scrollHeight <= innerHeight"));
    }

    // Within what is stored, with some seconds of it on both sides: a track tells its edges to the second.
    private async Task<DateTimeOffset> MomentAsync() =>
        ((DateTimeOffset)(await installation.ChunkAsync("hall", least: 8))["from"]!).AddMilliseconds(300);

    private static async Task<double> EdgeAsync(IPage page, string edge) =>
        double.Parse((await page.Locator("[data-part=track]").GetAttributeAsync($"aria-value{edge}"))!, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[\d-]+ [\d:]+ \+0[12]:00 to ")]
    private static partial Regex LocalRange();

    [GeneratedRegex(@"/streams/hall\?last=600$")]
    private static partial Regex Last();

    [GeneratedRegex(@"/streams/hall\?at=[^&]+Z&from=[^&]+Z&to=[^&]+Z$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]
    private static partial Regex Moment();
}
