using Crispy.Console.Tests.Notifying;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>What a person on duty is told while a disk fills, and after it was full.</summary>
public sealed class SmallSpoolTests(SmallSpoolTests.SmallSpool installation) : IClassFixture<SmallSpoolTests.SmallSpool>
{
    /// <summary>It fills at the pace of the cameras: in two minutes or so.</summary>
    private const float Patience = 300_000;

    [Fact]
    public async Task A_spool_that_fills_is_told_of_before_it_is_full_and_when_it_is_and_what_it_cost_stands_in_the_morning()
    {
        await using var opened = await installation.OpenAsync("/");
        var (page, item) = (opened.Page, opened.Page.Locator(".duty-item[data-kind=disk]"));
        await Assertions.Expect(item).ToHaveCountAsync(0);

        await installation.CutBucketOffAsync();
        await Assertions.Expect(item).ToContainTextAsync("The spool is full in", new() { Timeout = Patience });
        await Until.TrueAsync(() => Told("spool/short").Count == 1);
        await Assertions.Expect(item).ToContainTextAsync("The spool is full.", new() { Timeout = Patience });
        await Assertions.Expect(item).ToHaveAttributeAsync("data-level", "bad");
        await Until.TrueAsync(() => Told("spool/full").Count == 1);
        // The oldest are given up, each by a signed record.
        await Assertions.Expect(page.Locator(".duty-item[data-kind=losses]"))
            .ToContainTextAsync("lost since", new() { Timeout = Patience });

        await installation.BringBucketBackAsync();
        await Assertions.Expect(item).ToHaveCountAsync(0, new() { Timeout = Patience });
        await Until.TrueAsync(() => Told("spool/full").Count == 2);
        Assert.Equal(["spool.begin", "spool.end"], Told("spool/full").Select(each => each.Type));
        var row = page.Locator("tr[data-kind=loss]").Filter(new() { HasText = "the spool was full: the oldest was given up" });
        await Until.TrueAsync(async () =>
        {
            await page.GotoAsync(new Uri(installation.Address, "/morning").ToString());
            await page.Locator("[data-part=verdict]").WaitForAsync();
            return await row.CountAsync() > 0;
        });
        Assert.Equal(0, (int)(await installation.GetAsync("/api/duty"))["balance"]!);
    }

    private List<Received> Told(string key) => [.. installation.Webhooks.All.Where(each => each.Key == key)];

    /// <summary>An installation whose spool has room for some minutes of two cameras.</summary>
    public sealed class SmallSpool : Installation
    {
        /// <inheritdoc />
        protected override IEnumerable<KeyValuePair<string, string>> Settings => [new("Crispy__Spool__MaxBytes", $"{24 << 20}")];
    }
}
