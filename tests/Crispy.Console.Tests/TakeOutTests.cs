using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class TakeOutTests(Installation installation)
{
    private static readonly string Crispy = Path.Combine(Path.GetDirectoryName(Installation.Program("Crispy.Cli"))!, "crispy.dll");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_range_that_is_dragged_is_one_file_that_verify_believes(bool withShift)
    {
        var (first, last) = (await installation.ChunkAsync("hall", least: 30), await NewestAsync("hall"));
        await using var opened = await installation.OpenAsync("/streams/hall");
        var page = opened.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "10 min", Exact = true }).ClickAsync();
        await page.Locator("[data-part=track] rect[data-kind=stored]").First.WaitForAsync();
        var download = page.Locator("[data-takeout=download]");
        await Assertions.Expect(download).ToBeDisabledAsync();

        if (withShift) await page.Keyboard.DownAsync("Shift");
        else await page.GetByRole(AriaRole.Button, new() { Name = "Mark a range" }).ClickAsync();
        await DragAsync(page, Middle(first), Middle(last));
        if (withShift) await page.Keyboard.UpAsync("Shift");
        await Assertions.Expect(page.Locator("[data-part=track] .marked")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("[data-takeout=mark]")).ToHaveAttributeAsync("aria-pressed", "false");
        await Assertions.Expect(page.Locator("[data-takeout=facts]")).ToContainTextAsync("of video, ");
        await Assertions.Expect(page.Locator("[data-takeout=sound]")).ToBeHiddenAsync();

        var (name, path) = await opened.DownloadAsync(() => download.ClickAsync());
        Assert.Matches(@"^hall-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.zip$", name);
        await Assertions.Expect(page.Locator("[data-takeout=status]")).ToHaveTextAsync("The file is complete.");
        using var folder = new TempFolder();
        var zip = folder["hall.zip"];
        File.Copy(path, zip);
        var keys = new Uri(installation.Address, "/.well-known/jwks.json").ToString();
        var verified = await Command.TryAsync("dotnet", [Crispy, "verify", zip, "--keys", keys]);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        await ZipFile.ExtractToDirectoryAsync(zip, folder["hall"]);
        var video = Assert.Single(Directory.GetFiles(folder["hall"], "*.mp4"));
        var stream = Assert.Single(await Ffprobe.StreamsAsync(video));
        Assert.Equal(("h264", 320, 240), (stream.Codec, stream.Width, stream.Height));
        Assert.InRange((await Ffprobe.PacketsAsync(video)).Count, 50, 6000);
        File.WriteAllBytes(video, [.. (await File.ReadAllBytesAsync(video))[..^1], 0]);
        Assert.Equal(1, (await Command.TryAsync("dotnet", [Crispy, "verify", folder["hall"], "--keys", keys])).ExitCode);
    }

    [Fact]
    public async Task Two_times_are_as_good_as_a_mouse_and_sound_that_MP4_cannot_hold_is_told_before()
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder["clip.mkv"],
            new() { Seconds = 4, Fps = "25", Gop = 25, Audio = "pcm", Extra = ["-c:a", "pcm_alaw", "-ar", "8000"] });
        (await installation.PostAsync("/api/streams", new { id = "phone", url = clip, window = 1 })).EnsureSuccessStatusCode();
        try
        {
            var chunk = await installation.ChunkAsync("phone", least: 3);
            await using var opened = await installation.OpenAsync(DownloadTests.At("phone", chunk));
            var page = opened.Page;
            await Assertions.Expect(page.Locator("[data-takeout=mark]")).ToBeEnabledAsync();
            var (from, to) = (page.GetByLabel("From", new() { Exact = true }), page.GetByLabel("To", new() { Exact = true }));
            await from.FillAsync("noon");
            await to.FillAsync(Written(chunk, 10));
            await to.PressAsync("Enter");
            await Assertions.Expect(page.Locator("[data-takeout=problem]")).ToContainTextAsync("Write both times like");
            await from.FillAsync(Written(chunk, 11));
            await to.PressAsync("Enter");
            await Assertions.Expect(page.Locator("[data-takeout=problem]")).ToContainTextAsync("not after the beginning");
            await from.FillAsync(Written(chunk, -10));
            await to.PressAsync("Enter");
            await Assertions.Expect(page.Locator("[data-takeout=sound]"))
                .ToContainTextAsync("The sound is pcm_alaw (G.711 A-law), which MP4 cannot hold.");
            await Assertions.Expect(page.Locator("[data-takeout=holes] li").First).ToContainTextAsync("not recorded");
            await page.GetByLabel("MKV").CheckAsync();
            await Assertions.Expect(page.Locator("[data-takeout=sound]")).ToBeHiddenAsync();
            await page.GetByLabel("MP4").CheckAsync();
            await page.GetByLabel("Encode it as AAC").CheckAsync();
            var (_, path) = await opened.DownloadAsync(() => page.Locator("[data-takeout=download]").ClickAsync());
            await ZipFile.ExtractToDirectoryAsync(path, folder["phone"]);
            var video = Assert.Single(Directory.GetFiles(folder["phone"], "*.mp4"));
            Assert.Equal(["aac", "h264"], (await Ffprobe.StreamsAsync(video)).Select(stream => stream.Codec).Order(StringComparer.Ordinal));
        }
        finally
        {
            await installation.DeleteAsync("/api/streams/phone");
        }
    }

    [Fact]
    public async Task A_refusal_is_a_sentence_beside_the_button()
    {
        var chunk = await installation.ChunkAsync("gate");
        await using var opened = await installation.OpenAsync(DownloadTests.At("gate", chunk));
        var page = opened.Page;
        await Assertions.Expect(page.Locator("[data-takeout=mark]")).ToBeEnabledAsync();
        await page.GetByLabel("From", new() { Exact = true }).FillAsync(Written(chunk, -1));
        await page.GetByLabel("To", new() { Exact = true }).FillAsync(Written(chunk, 2));
        await page.GetByRole(AriaRole.Button, new() { Name = "Look" }).ClickAsync();
        var download = page.Locator("[data-takeout=download]");
        await Assertions.Expect(download).ToBeEnabledAsync();
        await page.RouteAsync("**/export?*",
            route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{}" }));
        await page.RouteAsync("**/export/progress?*", route => route.FulfillAsync(new()
        {
            ContentType = "application/json", Body = """{"stage":"failed","done":0,"total":0,"error":"2 other exports are being made."}""",
        }));
        await download.ClickAsync();
        await Assertions.Expect(page.Locator("[data-takeout=status]"))
            .ToHaveTextAsync("There is no whole file: 2 other exports are being made.");
        await Assertions.Expect(download).ToBeEnabledAsync();
    }

    private static DateTimeOffset Middle(JsonNode chunk) => (DateTimeOffset)chunk["from"]! + TimeSpan.FromMilliseconds(300);

    private static string Written(JsonNode chunk, int seconds) =>
        ((DateTimeOffset)chunk["from"]!).AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private async Task<JsonNode> NewestAsync(string stream)
    {
        var from = TimeProvider.System.GetUtcNow().AddMinutes(-2).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return (await installation.GetAsync($"/api/chunks?stream={stream}&state=stored&from={from}&limit=1000"))["items"]!.AsArray()[^1]!;
    }

    private static async Task DragAsync(IPage page, DateTimeOffset from, DateTimeOffset to)
    {
        var track = page.Locator("[data-part=track]");
        // It stands still under the pointer.
        await track.HoverAsync();
        var (least, most) = (await NumberAsync("aria-valuemin"), await NumberAsync("aria-valuemax"));
        var box = (await track.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(X(from), Y());
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((X(from) + X(to)) / 2, Y(), new() { Steps = 4 });
        await page.Mouse.MoveAsync(X(to), Y(), new() { Steps = 4 });
        await page.Mouse.UpAsync();

        float X(DateTimeOffset time) => box.X + (float)(box.Width * ((time.ToUnixTimeMilliseconds() / 1000.0) - least) / (most - least));
        float Y() => box.Y + (box.Height / 2);
        async Task<double> NumberAsync(string name) => double.Parse((await track.GetAttributeAsync(name))!, CultureInfo.InvariantCulture);
    }
}
