using System.Globalization;
using System.Text.RegularExpressions;
using Crispy.Console.Pages;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class GroupTests(Installation installation)
{
    // Pixels.
    private const int Height = 1800;

    [Fact]
    public void Groups_with_trouble_come_first_and_those_without_one_last_among_their_like()
    {
        (string? Group, Level Level)[] streams =
            [(null, Level.Good), ("b", Level.Good), ("A", Level.Warning), ("c", Level.Bad), ("C", Level.Good), ("a/x", Level.Good)];
        var groups = StreamGroups.Of(streams, stream => stream.Group, stream => stream.Level);
        Assert.Equal(["c:2:1:0", "A:1:0:1", "a/x:1:0:0", "b:1:0:0", "Without a group:1:0:0"],
            groups.Select(group =>
                string.Create(CultureInfo.InvariantCulture, $"{group.Title}:{group.Items.Count}:{group.Bad}:{group.Warning}")));
        // Where nobody uses groups there is nothing to see of them.
        Assert.Null(Assert.Single(
            StreamGroups.Of([(Group: (string?)null, Level.Good)], stream => stream.Group, stream => stream.Item2)).Title);
    }

    [Fact]
    public async Task Streams_are_shown_by_group_and_a_link_leads_another_person_to_the_same_ones()
    {
        string[] ids = ["group-a1", "group-a2", "group-b"];
        try
        {
            foreach (var (id, group, tag) in ((string, string, string)[])[(ids[0], "Test A/North", "red"), (ids[1], "Test A", "blue"),
                (ids[2], "Test B", "red")])
                (await installation.PostAsync("/api/streams",
                    new { id, url = $"/nowhere/{id}.mp4", group, tags = new[] { tag, "grouped" } })).EnsureSuccessStatusCode();
            // High enough for three groups below each other: what lies below the window is not drawn.
            await using var opened = await installation.OpenAsync("/?tag=grouped", height: Height);
            var page = opened.Page;
            await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(3);
            await Assertions.Expect(page.Locator(".stream-group")).ToHaveCountAsync(3);
            await Assertions.Expect(page.Locator(".stream-group[data-group='Test A'] .group-title")).ToContainTextAsync("1 in trouble");

            await page.Locator(".stream-group[data-group='Test A'] .group-title a").ClickAsync();
            await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(2);
            await Assertions.Expect(opened.Tile("group-a1")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Searchbox).FillAsync("north");
            await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(1);
            await Assertions.Expect(page).ToHaveURLAsync(EndsWith("/?tag=grouped&group=Test%20A&q=north"));
            // The person goes on typing where they were.
            Assert.True(await page.EvaluateAsync<bool>("() => !!document.activeElement?.closest('.search')"));

            await using var other = await installation.OpenAsync(new Uri(page.Url).PathAndQuery);
            await Assertions.Expect(other.Page.Locator(".tile")).ToHaveCountAsync(1);
            await Assertions.Expect(other.Tile("group-a1")).ToBeVisibleAsync();
            await Assertions.Expect(other.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("north");
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Group Test A: show all groups" }).ClickAsync();
            await Assertions.Expect(other.Tile("group-b")).ToHaveCountAsync(0);

            await using var red = await installation.OpenAsync("/?tag=red&show=trouble", height: Height);
            await Assertions.Expect(red.Page.Locator(".tile")).ToHaveCountAsync(2);
            await red.Page.GetByRole(AriaRole.Button, new() { Name = "Fine" }).ClickAsync();
            await Assertions.Expect(red.Page.GetByText("Nothing matches")).ToBeVisibleAsync();
        }
        finally
        {
            foreach (var id in ids) await installation.DeleteAsync($"/api/streams/{id}");
        }
    }

    [Fact]
    public async Task The_morning_page_shows_one_group_and_says_so_in_its_address()
    {
        (await installation.PostAsync("/api/streams", new { id = "morning-group", url = "/nowhere/m.mp4", group = "Morning A/Gate" }))
            .EnsureSuccessStatusCode();
        try
        {
            await using var opened = await installation.OpenAsync("/morning");
            await opened.Page.Locator("[data-part=verdict]").WaitForAsync();
            await opened.Page.GetByLabel("Group").SelectOptionAsync("Morning A");
            await Assertions.Expect(opened.Page).ToHaveURLAsync(EndsWith("/morning?group=Morning%20A"));
            // It never recorded anything; no other camera is in this group.
            await Assertions.Expect(opened.Page.Locator("[data-part=verdict]")).ToContainTextAsync("1 camera lacks something");
            await Assertions.Expect(opened.Page.Locator("tr[data-stream]"))
                .ToHaveCountAsync(await opened.Page.Locator("tr[data-stream=morning-group]").CountAsync());
        }
        finally
        {
            await installation.DeleteAsync("/api/streams/morning-group");
        }
    }

    // A text would be read as a pattern, in which a question mark is any sign.
    private static Regex EndsWith(string address) => new(Regex.Escape(address) + "$");
}
