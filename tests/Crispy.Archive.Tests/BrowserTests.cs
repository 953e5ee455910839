using Crispy.Contracts;
using Microsoft.Playwright;

namespace Crispy.Archive.Tests;

public sealed class BrowserTests
{
    // What a player does: append what EXT-X-MAP names, then every segment, and play.
    private const string Play = """
        async address => {
            const lines = (await (await fetch(address)).text()).split('\n');
            const base = new URL(address, location).href.replace(/[^/]*$/, '');
            const video = document.body.appendChild(document.createElement('video'));
            video.muted = true;
            const source = new MediaSource();
            video.src = URL.createObjectURL(source);
            await new Promise(done => source.addEventListener('sourceopen', done, { once: true }));
            const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.4d401e, mp4a.40.2"');
            const append = async path => {
                const bytes = await (await fetch(base + path)).arrayBuffer();
                await new Promise((done, failed) => {
                    buffer.addEventListener('updateend', done, { once: true });
                    buffer.addEventListener('error', () => failed(new Error('refused: ' + path)), { once: true });
                    buffer.appendBuffer(bytes);
                });
            };
            for (const line of lines) {
                const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(line);
                if (map) await append(map[1]);
                else if (line.endsWith('.m4s')) await append(line);
            }
            source.endOfStream();
            const ranges = [...Array(video.buffered.length).keys()].map(i => [video.buffered.start(i), video.buffered.end(i)]);
            video.currentTime = ranges[0][0];
            video.playbackRate = 4;
            await video.play();
            await new Promise((done, failed) => {
                video.addEventListener('ended', done, { once: true });
                video.addEventListener('error', () => failed(new Error(video.error.message)), { once: true });
            });
            return { ranges, at: video.currentTime, width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames };
        }
        """;

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task A_browser_plays_a_range_to_its_end_without_a_hole(string container)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new(container, BFrames: 2, Audio: "aac")));
        await site.StoreAsync(gate);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"],
        });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(site.Client.BaseAddress!, "/api/ledger").AbsoluteUri);
        var played = await page.EvaluateAsync<Played>(Play,
            $"/api/streams/gate/playlist.m3u8?from={Uri.EscapeDataString(Instants.Format(Camera.Start))}"
                + $"&to={Uri.EscapeDataString(Instants.Format(gate.At))}");
        var range = Assert.Single(played.Ranges);
        Assert.InRange(range[1] - range[0], 5.9, 6.1);
        Assert.Equal(320, played.Width);
        Assert.InRange(played.At, range[1] - 0.2, range[1] + 0.2);
    }

    private sealed class Played
    {
        public double[][] Ranges { get; set; } = [];

        public double At { get; set; }

        public int Width { get; set; }

        public int Frames { get; set; }
    }
}
