using Crispy.Testing;
using Microsoft.Playwright;

namespace Crispy.Console.Tests;

[Collection<OneInstallation>]
public sealed class UnplayableTests(Installation installation)
{
    [Theory]
    [InlineData("hevc", "mp4", "H.265")]
    [InlineData("mjpeg", "mkv", "Motion JPEG")]
    [InlineData("mpeg4", "mp4", "MPEG-4 Part 2")]
    public async Task What_the_browser_cannot_play_is_said_at_once_by_name_and_shown_as_a_still_picture(string codec,
        string container, string name)
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder[$"clip.{container}"], new() { Codec = codec, Seconds = 4, Fps = "25", Gop = 25 });
        var id = $"odd-{codec}";
        (await installation.PostAsync("/api/streams", new { id, url = clip, window = 1 })).EnsureSuccessStatusCode();
        try
        {
            await using var opened = await installation.OpenAsync("/");
            await SaysWhyAtOnceAsync(opened, id, name);
            // And the way out works.
            var (_, path) = await opened.DownloadAsync(() => opened.Button("Download").ClickAsync());
            Assert.Equal(codec, Assert.Single(await Ffprobe.StreamsAsync(path)).Codec);
            await Assertions.Expect(opened.Note).ToContainTextAsync($"This browser cannot play {name} video.");

            await PlaysReencodedAsync(opened);

            // Live shows the newest picture instead, where there is one of the last hour.
            await opened.Page.Locator("[data-act=live]").ClickAsync();
            await Assertions.Expect(opened.Note)
                .ToContainTextAsync($"This browser cannot play {name} video. The newest picture is shown instead.");
            await Assertions.Expect(opened.Page.Locator("[data-part=age]")).ToBeVisibleAsync();
        }
        finally
        {
            await installation.DeleteAsync($"/api/streams/{id}");
        }
    }

    [Theory]
    [InlineData("vp8", "mkv")]
    [InlineData("vp9", "mkv")]
    [InlineData("mpeg2video", "ts")]
    [InlineData("h264", "mkv", "-pix_fmt", "yuv444p")]
    [InlineData("h264", "mkv", "-pix_fmt", "yuv422p10le")]
    [InlineData("hevc", "mkv", "-pix_fmt", "yuv420p10le")]
    public async Task A_recording_of_any_codec_plays_or_says_why_not(string codec, string container, params string[] extra)
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder[$"clip.{container}"],
            new() { Codec = codec, Seconds = 4, Fps = "25", Gop = 25, Extra = extra });
        var id = $"any-{codec}-{string.Concat(extra.Where(word => word[0] != '-'))}".TrimEnd('-');
        (await installation.PostAsync("/api/streams", new { id, url = clip, window = 1 })).EnsureSuccessStatusCode();
        try
        {
            await using var opened = await installation.OpenAsync(DownloadTests.At(id, await installation.ChunkAsync(id)));
            // It may have played to its end between two looks.
            await opened.Page.EvaluateAsync("""
                () => document.querySelector("video").addEventListener("timeupdate", ({ target }) => {
                    if (target.currentTime > 0.3 && target.videoWidth > 0 && target.checkVisibility()) window.hasPlayed = true;
                })
                """);
            await opened.Page.WaitForFunctionAsync("""
                () => {
                    const [video, note] = [document.querySelector("video"), document.querySelector("[data-part=note]")];
                    return window.hasPlayed
                        || (video.currentTime > 0.3 && video.videoWidth > 0 && video.checkVisibility())
                        || (!note.hidden && /cannot (play|decode)/.test(note.textContent));
                }
                """);
            TestContext.Current.TestOutputHelper?.WriteLine($"{id}: {await opened.Note.TextContentAsync()}");
        }
        finally
        {
            await installation.DeleteAsync($"/api/streams/{id}");
        }
    }

    [Fact]
    public async Task Video_that_turns_out_to_be_none_is_said_too()
    {
        var chunk = await installation.ChunkAsync("hall");
        await using var opened = await installation.OpenAsync("/");
        await opened.Page.RouteAsync("**/segments/init/**",
            route => route.FulfillAsync(new() { ContentType = "video/mp4", BodyBytes = new byte[600] }));
        await opened.Page.GotoAsync(new Uri(installation.Address, DownloadTests.At("hall", chunk)).ToString());
        await Assertions.Expect(opened.Note).ToContainTextAsync("This browser cannot decode this H.264 video");
        await Assertions.Expect(opened.Still).ToBeVisibleAsync();
    }

    private async Task SaysWhyAtOnceAsync(ConsolePage opened, string id, string name)
    {
        var chunk = await installation.ChunkAsync(id);
        var segments = 0;
        opened.Page.Request += (_, request) => segments += request.Url.Contains("/segments/", StringComparison.Ordinal) ? 1 : 0;
        await opened.Page.GotoAsync(new Uri(installation.Address, DownloadTests.At(id, chunk)).ToString());
        await Assertions.Expect(opened.Note).ToContainTextAsync($"This browser cannot play {name} video.");
        await Assertions.Expect(opened.Note).ToContainTextAsync("Download the chunk");
        await Assertions.Expect(opened.Note).ToContainTextAsync("The picture is of");
        await opened.Page.WaitForFunctionAsync(
            "() => (image => image.checkVisibility() && image.naturalWidth > 0)(document.querySelector('[data-part=still]'))");
        // The browser was asked before anything was fetched.
        Assert.Equal(0, segments);
    }

    // It plays all the same, re-encoded on demand.
    private static async Task PlaysReencodedAsync(ConsolePage opened)
    {
        await opened.Page.Locator("[data-act=convert]").ClickAsync();
        await opened.Page.WaitForFunctionAsync("""
            () => {
                const video = document.querySelector("video");
                return video.videoWidth > 0 && video.checkVisibility() && video.played.length > 0
                    && video.played.end(video.played.length - 1) - video.played.start(0) > 0.7;
            }
            """);
        await opened.Page.ReloadAsync();
        await Assertions.Expect(opened.Button("Download")).ToBeVisibleAsync();
    }
}
