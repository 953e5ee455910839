using System.Net;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class ManyCamerasTests(Installation installation)
{
    private const string Secret = "s3cret-of-many-cameras";

    [Fact]
    public async Task A_list_is_looked_at_first_its_mistakes_have_a_place_and_the_good_ones_are_added()
    {
        string[] ids = ["many-dock", "many-yard"];
        try
        {
            await using var opened = await installation.OpenAsync("/cameras/many");
            var page = opened.Page;
            await page.GetByLabel("Or its text")
                .FillAsync($"id;name;group;url\nmany-dock;\"Dock; east\";Docks;rtsp://u:{Secret}@127.0.0.1:9/1\n"
                    + $"many-yard;Yard;Docks;{Secret}@192.168.1.20\ngate;Gate;;demo:\n");
            await opened.Button("Look at it").ClickAsync();
            var verdict = page.Locator("p[data-part=verdict]");
            await Assertions.Expect(verdict).ToContainTextAsync("3 cameras: 1 new, 2 wrong. Nothing is added yet.");
            await Assertions.Expect(page.Locator("tr[data-outcome=wrong]").First)
                .ToContainTextAsync(
                    "line 3, column 4, url: is not an address that can be read: it has no scheme: a camera's address begins with rtsp://");
            await Assertions.Expect(page.Locator("tr[data-outcome=wrong]").Nth(1)).ToContainTextAsync("Crispy:Streams:0");
            await Assertions.Expect(page.Locator("tr[data-outcome=added]")).ToContainTextAsync("rtsp://***@127.0.0.1:9/1");
            Assert.DoesNotContain(Secret, await page.Locator("main").InnerHTMLAsync(), StringComparison.Ordinal);
            using (var answer = await installation.GetRawAsync("/api/streams/many-dock"))
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);

            await opened.Button("Add the 1 good one").ClickAsync();
            await Assertions.Expect(verdict).ToContainTextAsync("1 added, 2 wrong.");
            Assert.Equal("Docks", (string?)(await installation.GetAsync("/api/streams/many-dock"))["group"]);

            // Once more, whole, as a file: what is there is left alone, and what differs waits for a word.
            await page.GetByLabel("A file").SetInputFilesAsync(new FilePayload
            {
                Name = "cameras.yaml", MimeType = "application/yaml",
                Buffer = System.Text.Encoding.UTF8.GetBytes(
                    $"- id: many-dock\n  name: Dock, west\n  group: Docks\n  url: rtsp://u:{Secret}@127.0.0.1:9/1\n- id: many-yard\n  "
                        + $"maker: tapo\n  host: 127.0.0.1:9\n"),
            });
            await Assertions.Expect(verdict).ToContainTextAsync("2 cameras: 1 new, 1 wrong.");
            await page.GetByLabel("Change cameras that are there and differ").CheckAsync();
            await Assertions.Expect(verdict).ToContainTextAsync("2 cameras: 1 new, 1 differs: will be changed.");
            await opened.Button("Add 2 cameras").ClickAsync();
            await Assertions.Expect(verdict).ToContainTextAsync("1 added, 1 changed.");
            Assert.Equal("Dock, west", (string?)(await installation.GetAsync("/api/streams/many-dock"))["name"]);
        }
        finally
        {
            foreach (var id in ids) await installation.DeleteAsync($"/api/streams/{id}");
        }
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_says_where_and_one_that_is_too_long_says_so()
    {
        await using var opened = await installation.OpenAsync("/cameras/many");
        await opened.Page.GetByLabel("Or its text").FillAsync($"gate,rtsp://u:{Secret}@h/1\n");
        await opened.Button("Look at it").ClickAsync();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Alert).First)
            .ToContainTextAsync("line 1, column 1: the first line has the names of the columns");
        // Longer than one message of the page's connection takes.
        await opened.Page.GetByLabel("Or its text")
            .FillAsync("id,url\n"
                + string.Concat(Enumerable.Range(0, 1001).Select(number => $"long-{number},rtsp://127.0.0.1:9/{new string('x', 60)}\n")));
        await opened.Button("Look at it").ClickAsync();
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("it has more than 1000 cameras");
    }

    [Fact]
    public async Task The_api_of_the_console_takes_many_of_them_in_one_request()
    {
        var items = Enumerable.Range(0, 150)
            .Select(number =>
                new { id = $"api-many-{number}",
                    url = $"/nowhere/{string.Join('/', Enumerable.Repeat(new string('y', 200), 7))}/{number}.mp4" }).ToList();
        try
        {
            using var made = await installation.PostAsync("/api/streams/import", new { items });
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
            var report =
                System.Text.Json.Nodes.JsonNode.Parse(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal((true, 150), ((bool)report["applied"]!, (int)report["added"]!));
            using var again = await installation.PostAsync("/api/streams/import", new { items });
            Assert.Equal(150,
                (int)System.Text.Json.Nodes.JsonNode.Parse(
                    await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["unchanged"]!);
            using var wrong = await installation.PostAsync("/api/streams/import", new { items = Array.Empty<object>() });
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            using var large = await installation.PostAsync("/api/streams/import", new { items, x = new string('x', 2_200_000) });
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        }
        finally
        {
            foreach (var item in items) await installation.DeleteAsync($"/api/streams/{item.id}");
        }
    }
}
