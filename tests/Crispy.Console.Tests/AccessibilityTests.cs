using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class AccessibilityTests(Installation installation)
{
    // Colours do not depend on the size, nor sizes on the colours: two of the four say what all of them would.
    public static TheoryData<string, ColorScheme, int, int> Pages
    {
        get
        {
            var all = new TheoryData<string, ColorScheme, int, int>();
            foreach (var path in new[] { "/", "/streams/gate", "/losses", "/dead", "/plots", "/retention", "/notifications", "/cameras/new",
                "/cameras/many", "/morning", "/audit" })
            {
                all.Add(path, ColorScheme.Light, 1280, 900);
                all.Add(path, ColorScheme.Dark, 390, 844);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Axe_finds_nothing_serious_and_a_phone_needs_no_scrolling_sideways(string path,
        ColorScheme scheme, int width, int height)
    {
        await using var opened = await installation.OpenAsync(path, scheme, width, height);
        await SettleAsync(opened, path);
        Assert.False(await opened.ScrollsSidewaysAsync());
        var findings = (await opened.Page.RunAxe()).Violations.Where(finding => finding.Impact is "serious" or "critical").ToList();
        Assert.True(findings.Count == 0,
            string.Join("\n",
                findings.SelectMany(finding =>
                    finding.Nodes.Select(node => $"{finding.Id}: {finding.Help}: {node.Html} {node.FailureSummary()}"))));
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
        "/losses" or "/retention" => "tr[data-stream=gate]",
        "/dead" => "text=No dead letters",
        "/audit" => "text=Who did what",
        "/notifications" => "tr[data-target='0']",
        "/plots" => "[data-plot=throughput] canvas",
        "/morning" => "[data-part=verdict]",
        "/cameras/many" => "#pasted",
        _ => "#url",
    }).WaitForAsync(new() { State = WaitForSelectorState.Attached });

    private static Task<string> BackgroundAsync(ConsolePage opened) =>
        opened.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}

internal static class Findings
{
    public static string FailureSummary(this Deque.AxeCore.Commons.AxeResultNode node) =>
        string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message));
}
