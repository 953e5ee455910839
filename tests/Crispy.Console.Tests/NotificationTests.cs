using Crispy.Console.Tests.Notifying;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class NotificationTests(Installation installation)
{
    [Fact]
    public async Task A_camera_that_goes_away_and_comes_back_is_told_once_each_to_the_webhook_and_to_the_browser()
    {
        await using var opened = await installation.OpenAsync("/notifications");
        var page = opened.Page;
        await page.Context.GrantPermissionsAsync(["notifications"],
            new() { Origin = installation.Address.GetLeftPart(UriPartial.Authority) });
        // The browser of this test has no desktop to show them on: what would be shown is looked at.
        await page.EvaluateAsync("""
            () => {
                window.shown = [];
                window.Notification = class { constructor(title, options) { window.shown.push(`${title}: ${options.body}`); } close() {} };
                window.Notification.requestPermission = () => Promise.resolve("granted");
                Object.defineProperty(window.Notification, "permission", { get: () => "granted" });
            }
            """);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show notifications" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-part=browser]")).ToContainTextAsync("While a page of the console is open");

        var before = Told().Count;
        await installation.Hall.StopAsync();
        await Until.TrueAsync(() => Told().Count == before + 1, TimeSpan.FromMinutes(2));
        await Assertions.Expect(page.Locator("li[data-key='camera/hall']")).ToBeVisibleAsync();
        await installation.Hall.StartAsync();
        await Until.TrueAsync(() => Told().Count == before + 2, TimeSpan.FromMinutes(2));
        var told = Told().Skip(before).ToList();
        Assert.Equal(["camera.begin", "camera.end"], told.Select(each => each.Type));
        Assert.All(told, each => Assert.True(each.IsSignedBy(Installation.WebhookSecret)));
        Assert.StartsWith("hall does not record. No signal", told[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("hall records again, after ", told[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-of-the-hall", string.Concat(told), StringComparison.Ordinal);
        await page.WaitForFunctionAsync("() => window.shown.filter(text => text.includes('hall ')).length >= 2");
        Assert.Equal([$"Crispy: trouble: {told[0].Text}", $"Crispy: over: {told[1].Text}"],
            await page.EvaluateAsync<string[]>("() => window.shown.filter(text => text.includes('hall '))"));
        await Assertions.Expect(page.Locator("li[data-key='camera/hall']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_page_shows_each_target_without_its_secret_and_tests_it()
    {
        await using var opened = await installation.OpenAsync("/notifications");
        var row = opened.Page.Locator("tr[data-target='0']");
        await Assertions.Expect(row).ToContainTextAsync($"{installation.Webhooks.Address}/***");
        await Assertions.Expect(row).ToContainTextAsync("signed");
        var before = installation.Webhooks.All.Count(each => each.Type == "test.news");
        await opened.Button("Test").ClickAsync();
        await Assertions.Expect(row.Locator("[data-part=result]")).ToHaveTextAsync("It arrived.");
        Assert.Equal(before + 1, installation.Webhooks.All.Count(each => each.Type == "test.news"));
        installation.Webhooks.AnswerWith(500);
        try
        {
            await opened.Button("Test").ClickAsync();
            await Assertions.Expect(row.Locator("[data-part=result]")).ToHaveTextAsync("It did not arrive: it answered 500");
        }
        finally
        {
            installation.Webhooks.AnswerWith(200);
        }
        Assert.DoesNotContain("of-these-tests", await opened.Page.ContentAsync(), StringComparison.Ordinal);
    }

    private List<Received> Told() => [.. installation.Webhooks.All.Where(each => each.Key == "camera/hall")];
}
