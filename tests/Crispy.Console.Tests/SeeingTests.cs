using System.Net.Http.Json;
using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

/// <summary>Pictures that are turned, and the present while the bucket is away.</summary>
[Collection<OneInstallation>]
public sealed class SeeingTests(Installation installation)
{
    [Theory]
    [InlineData("mkv")]
    [InlineData("ts")]
    public async Task A_recording_that_is_turned_is_shown_upright(string container)
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder["clip.mp4"], new() { Seconds = 6, Fps = "25", Gop = 25 });
        var turned = folder["turned.mp4"];
        await Command.RunAsync("ffmpeg", "-v", "error", "-i", clip, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned);
        var id = $"turned-{container}";
        (await installation.PostAsync("/api/streams", new { id, url = turned, window = 1, container })).EnsureSuccessStatusCode();
        try
        {
            var chunk = await installation.ChunkAsync(id, least: 3);
            Assert.Equal(90, Math.Abs((int)chunk["rotation"]! - 180));
            await using var opened = await installation.OpenAsync($"/streams/{id}");
            await opened.Page.WaitForFunctionAsync(
                "() => (image => image.naturalHeight > image.naturalWidth && image.naturalWidth > 0)"
                    + "(document.querySelector('[data-part=still]'))");
            await opened.Page.GotoAsync(new Uri(installation.Address, DownloadTests.At(id, chunk)).ToString());
            await opened.Page.WaitForFunctionAsync("""
                () => (video => video.videoHeight > video.videoWidth && video.videoWidth > 0
                    && video.played.length > 0 && video.checkVisibility())(document.querySelector("video"))
                """);
        }
        finally
        {
            await installation.DeleteAsync($"/api/streams/{id}");
        }
    }

    [Fact]
    public async Task Live_goes_on_while_the_bucket_is_away()
    {
        var chunk = await installation.ChunkAsync("hall");
        var bucket = new Uri((string)(await installation.GetAsync($"/api/chunks/{(string)chunk["chunk"]!}/url"))["url"]!);
        using var http = new HttpClient { BaseAddress = new(bucket.GetLeftPart(UriPartial.Authority)) };
        await using var opened = await installation.OpenAsync("/streams/hall");
        await opened.Page.Locator("[data-act=live]").ClickAsync();
        await opened.Page.WaitForFunctionAsync(
            "() => document.querySelector('video').currentTime > 0 && !document.querySelector('video').paused");
        (await http.PostAsJsonAsync("/_emulator/faults", new { match = new { }, times = 1_000_000, fault = "status", status = 503 }))
            .EnsureSuccessStatusCode();
        try
        {
            var at = await opened.NumberAsync("() => document.querySelector('video').currentTime");
            // Far more than what was fetched already.
            await WaitAsync(opened, "at => document.querySelector('video').currentTime > at + 40", at);
            await Assertions.Expect(opened.Page.Locator("[data-part=clock]")).ToContainTextAsync("– live, ");
            await Assertions.Expect(opened.Note).ToBeHiddenAsync();
            // A time that only waits is played as well.
            var waits = TimeProvider.System.GetUtcNow().AddSeconds(-15);
            var list = await installation.TextAsync(
                $"/api/streams/hall/playlist.m3u8?from={waits:yyyy-MM-ddTHH:mm:ssZ}&to={waits.AddSeconds(5):yyyy-MM-ddTHH:mm:ssZ}");
            Assert.Contains(".m4s", list, StringComparison.Ordinal);
        }
        finally
        {
            await http.DeleteAsync("/_emulator/faults");
        }
        // And nothing of it was lost.
        await Until.TrueAsync(async () => (int)(await installation.GetAsync("/api/streams/hall"))["spooled"]! < 10,
            TimeSpan.FromMinutes(3));
    }

    // What the page shows says why it did not come.
    private static async Task WaitAsync(ConsolePage opened, string condition, object argument)
    {
        try
        {
            await opened.Page.WaitForFunctionAsync(condition, argument);
        }
        catch (TimeoutException late)
        {
            var shown = await opened.Page.EvaluateAsync<string>("""
                () => {
                    const video = document.querySelector("video"), ranges = [];
                    for (let i = 0; i < video.buffered.length; i++) ranges.push([video.buffered.start(i), video.buffered.end(i)]);
                    return JSON.stringify({
                        at: video.currentTime, ready: video.readyState, paused: video.paused, ranges,
                        note: document.querySelector("[data-part=note]").textContent
                    });
                }
                """);
            throw new TimeoutException($"{late.Message} The page: {shown}", late);
        }
    }
}
