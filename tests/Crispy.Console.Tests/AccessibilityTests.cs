using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

public sealed class AccessibilityTests(Installation installation)
{
    public static TheoryData<string, ColorScheme> Pages
    {
        get
        {
            var all = new TheoryData<string, ColorScheme>();
            foreach (var path in new[] { "/", "/streams/gate", "/losses", "/dead", "/plots", "/cameras/new" })
                foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark }) all.Add(path, scheme);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Axe_finds_nothing_serious(string path, ColorScheme scheme)
    {
        await using var opened = await installation.OpenAsync(path, scheme);
        await SettleAsync(opened, path);
        var findings = (await opened.Page.RunAxe()).Violations.Where(finding => finding.Impact is "serious" or "critical").ToList();
        Assert.True(findings.Count == 0, string.Join("\n", findings.SelectMany(finding => finding.Nodes.Select(node => $"{finding.Id}: {finding.Help}: {node.Html} {node.FailureSummary()}"))));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_phone_needs_no_scrolling_sideways(string path, ColorScheme scheme)
    {
        await using var opened = await installation.OpenAsync(path, scheme, width: 390, height: 844);
        await SettleAsync(opened, path);
        Assert.False(await opened.ScrollsSidewaysAsync());
    }

    [Fact]
    public async Task On_a_phone_the_menu_leads_to_the_pages()
    {
        await using var opened = await installation.OpenAsync("/", width: 390, height: 844);
        await opened.Page.Locator("[aria-label=Menu], .bar-menu").Filter(new() { Visible = true }).First.ClickAsync();
        await opened.Page.Locator("fluent-drawer").GetByRole(AriaRole.Link, new() { Name = "Losses" }).ClickAsync();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Losses", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Light_and_dark_follow_the_system_and_can_be_switched()
    {
        await using var opened = await installation.OpenAsync("/", ColorScheme.Dark);
        var dark = await BackgroundAsync(opened);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        await opened.Page.WaitForFunctionAsync("dark => getComputedStyle(document.body).backgroundColor !== dark", dark);
        await opened.Page.ReloadAsync();
        await opened.Page.WaitForFunctionAsync("dark => getComputedStyle(document.body).backgroundColor !== dark", dark);
    }

    // What each page shows once it has its data.
    internal static Task SettleAsync(ConsolePage opened, string path) => opened.Page.Locator(path switch
    {
        "/" => ".tile[data-stream=gate]",
        "/streams/gate" => "[data-part=track] rect[data-kind=stored] >> nth=0",
        "/losses" => "tr[data-stream=gate]",
        "/dead" => "text=No dead letters",
        "/plots" => "[data-plot=throughput] canvas",
        _ => "#url",
    }).WaitForAsync(new() { State = WaitForSelectorState.Attached });

    private static Task<string> BackgroundAsync(ConsolePage opened) => opened.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}

internal static class Findings
{
    public static string FailureSummary(this Deque.AxeCore.Commons.AxeResultNode node) =>
        string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message));
}
