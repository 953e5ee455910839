using Crispy.Console.Layout;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class HelpTests(Installation installation)
{
    [Fact]
    public void The_glossary_of_the_documents_is_that_of_the_pages()
    {
        Assert.Equal(Glossary.ToMarkdown().TrimEnd(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "glossary.md")).TrimEnd());
        Assert.InRange(Glossary.All.Count, 10, 30);
        Assert.Equal(Glossary.All.Select(entry => entry.Word).Distinct(), Glossary.All.Select(entry => entry.Word));
    }

    [Theory]
    [InlineData("/losses", "law")]
    [InlineData("/morning", "gap")]
    [InlineData("/dead", "dead letter")]
    [InlineData("/plots", "spool")]
    [InlineData("/streams/gate", "loss")]
    public async Task A_word_is_explained_by_keyboard_and_to_a_screen_reader(string path, string word)
    {
        await using var opened = await installation.OpenAsync(path);
        var button = opened.Page.GetByRole(AriaRole.Button, new() { Name = $"What is meant by {word}?" });
        await Assertions.Expect(button).ToHaveCountAsync(1);
        var text = opened.Page.Locator($"[data-term='{word}'] .term-text");
        await Assertions.Expect(text).ToBeHiddenAsync();
        await button.FocusAsync();
        await opened.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(text).ToBeVisibleAsync();
        await Assertions.Expect(text).ToContainTextAsync(Glossary.Of(word).Plain);
        await opened.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(text).ToBeHiddenAsync();
        await Assertions.Expect(button).ToBeFocusedAsync();
        // Ids are the page's own, once each.
        Assert.True(await opened.Page.EvaluateAsync<bool>("() => [...document.querySelectorAll('.term-text')].every((text, _, all) => "
            + "all.filter(other => other.id === text.id).length === 1)"));
    }

    [Fact]
    public async Task A_configured_camera_says_where_it_can_be_changed()
    {
        await using var opened = await installation.OpenAsync("/streams/gate");
        await Assertions.Expect(opened.Page.Locator("[data-part=configured]")).ToContainTextAsync("Crispy:Streams:0");
        await Assertions.Expect(opened.Button("Edit")).ToHaveCountAsync(0);
        await opened.Page.GotoAsync(new Uri(installation.Address, "/cameras/gate/edit").ToString());
        await Assertions.Expect(opened.Page.Locator("[data-part=configured]"))
            .ToContainTextAsync("environment variables Crispy__Streams__0__");
        await Assertions.Expect(opened.Page.Locator("#url")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_maker_makes_the_address_and_its_password_is_seen_nowhere()
    {
        const string secret = "p@ss of/a maker";
        await using var opened = await installation.OpenAsync("/cameras/new");
        var page = opened.Page;
        await page.GetByLabel("Maker").SelectOptionAsync("hikvision");
        // The form grows, and its button moves.
        await Assertions.Expect(page.GetByLabel("Host")).ToBeVisibleAsync();
        await opened.Button("Add").ClickAsync();
        await Assertions.Expect(page.Locator(".field", new() { Has = page.Locator("#host") }).Locator(".field-error"))
            .ToContainTextAsync("is missing");
        await page.GetByLabel("Host").FillAsync("127.0.0.1:9");
        await page.GetByLabel("User").FillAsync("admin");
        await page.GetByLabel("Password").FillAsync(secret);
        await page.GetByLabel("Channel").FillAsync("3");
        await page.GetByLabel("Stream").SelectOptionAsync("sub");
        await Assertions.Expect(page.Locator("[data-part=made] code"))
            .ToHaveTextAsync("rtsp://admin:***@127.0.0.1:9/Streaming/Channels/302");
        await page.GetByLabel("Name").FillAsync("Of a maker");
        await page.GetByLabel("Group").FillAsync("Makers/One");
        await page.GetByLabel("Tags").FillAsync("a, b");
        await opened.Button("Add").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(installation.Address, "/streams/of-a-maker").ToString());
        var made = await installation.GetAsync("/api/streams/of-a-maker");
        try
        {
            Assert.Equal(("Makers/One", "a b"),
                ((string?)made["group"], string.Join(' ', made["tags"]!.AsArray().Select(tag => (string?)tag))));
            Assert.DoesNotContain("p%40ss", await page.ContentAsync() + installation.Output, StringComparison.Ordinal);
        }
        finally
        {
            await installation.DeleteAsync("/api/streams/of-a-maker");
        }
    }
}
