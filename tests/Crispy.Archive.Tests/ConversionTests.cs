using System.Net;
using Crispy.Archive.Playing;
using Crispy.Contracts;

namespace Crispy.Archive.Tests;

public sealed class ConversionTests
{
    [Theory]
    [InlineData("mkv", "hevc", "320x180", "320x180")]
    [InlineData("mkv", "mjpeg", "320x180", "320x180")]
    [InlineData("ts", "h264", "2560x1440", "1280x720")]
    public async Task What_a_browser_cannot_play_is_converted_chunk_by_chunk_and_plays_on(string container, string codec,
        string size, string shown)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer)
            .Video(await Footage.CutAsync(new(container, codec, Size: size, Audio: codec == "mjpeg" ? "none" : "aac")));
        await site.StoreAsync(gate);
        var list = await site.Client.GetStringAsync(new Uri(Address(gate), UriKind.Relative));
        Assert.Contains("#EXT-X-CRISPY-CODEC:h264", list, StringComparison.Ordinal);
        Assert.Equal(gate.Objects.Count,
            list.Split('\n').Count(line => line.StartsWith("#EXT-X-MAP:URI=\"converted/init/", StringComparison.Ordinal)));

        using var folder = new TempFolder();
        var file = folder["shown.mp4"];
        await Command.RunAsync("ffmpeg", "-v", "error", "-i", new Uri(site.Client.BaseAddress!, Address(gate)).AbsoluteUri, "-map",
            "0:v", "-c", "copy", file);
        var video = Assert.Single(await Ffprobe.StreamsAsync(file));
        Assert.Equal(("h264", shown), (video.Codec, $"{video.Width}x{video.Height}"));
        var packets = await Ffprobe.PacketsAsync(file);
        Assert.Equal(gate.Objects.Sum(stored => stored.Frames), packets.Count);
        // Without a hole from chunk to chunk.
        var times = packets.Select(packet => packet.Pts!.Value).Order().ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0.03m, 0.05m));
        Assert.Contains("yuv420p",
            await Command.RunAsync("ffprobe", "-v", "error", "-show_entries", "stream=pix_fmt,profile", "-of", "csv=p=0", file),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_is_turned_is_converted_upright()
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer) { Rotation = 90,
            Sar = "4:3" }.Video((await Footage.CutAsync(new("mkv", "hevc"))).Take(1));
        await site.StoreAsync(gate);
        using var folder = new TempFolder();
        await Command.RunAsync("ffmpeg", "-v", "error", "-i", new Uri(site.Client.BaseAddress!, Address(gate)).AbsoluteUri, "-frames:v",
            "1", folder["still.png"]);
        var still = Assert.Single(await Ffprobe.StreamsAsync(folder["still.png"]));
        Assert.Equal((134, 320), (still.Width, still.Height));
    }

    [Fact]
    public async Task Nobody_waits_for_others_and_where_nothing_is_converted_that_is_said()
    {
        var options = new ArchiveOptions { Bucket = "b", PublicKeys = "", Conversions = 1 };
        var desk = new ConversionDesk(options);
        var one = await desk.EnterAsync("one", default);
        Assert.Contains("busy converting for others",
            (await Assert.ThrowsAsync<ArchiveBusyException>(() => desk.EnterAsync("other", default))).Message, StringComparison.Ordinal);
        // Its own next one waits, and who gives up waits no more.
        var next = desk.EnterAsync("one", default);
        using var leaving = new CancellationTokenSource();
        var left = desk.EnterAsync("one", leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(next.IsCompleted);
        one.Dispose();
        (await next).Dispose();
        Assert.Equal(0, desk.Running);
        (await desk.EnterAsync("other", default)).Dispose();

        await using var site = await Site.StartAsync(new() { Settings = { ["Crispy:Archive:Conversions"] = "0" } });
        var gate = new Camera("gate", site.Signer).Video((await Footage.CutAsync(new("mkv"))).Take(1));
        await site.StoreAsync(gate);
        await site.ProblemAsync(HttpStatusCode.BadRequest, Address(gate));
    }

    [Fact]
    public async Task Who_leaves_ends_the_conversion_and_its_place_is_free()
    {
        await using var site = await Site.StartAsync(new() { Settings = { ["Crispy:Archive:Conversions"] = "1" } });
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new("mkv", "hevc")));
        await site.StoreAsync(gate);
        var list = await site.Client.GetStringAsync(new Uri(Address(gate), UriKind.Relative));
        var segments = list.Split('\n').Where(line => line.EndsWith(".m4s", StringComparison.Ordinal))
            .Select(line => new Uri($"/api/streams/gate/{line}", UriKind.Relative)).ToList();
        // ffmpeg waits for a chunk that does not come.
        await site.FailAsync("stall",
            new { method = "GET", pathContains = gate.Objects[0].Name.Split('/')[^1], queryContains = "alt=media" }, 100);
        using var leaving = new CancellationTokenSource();
        var first = site.Client.GetAsync(segments[0], leaving.Token);
        await Until.TrueAsync(() => site.Ffmpeg.Running == 1);
        using var other = new HttpRequestMessage(HttpMethod.Get, segments[1]);
        other.Headers.UserAgent.ParseAdd("another/1");
        using (var busy = await site.Client.SendAsync(other))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
            Assert.NotNull(busy.Headers.RetryAfter);
        }
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Until.TrueAsync(() => site.Ffmpeg.Running == 0);
        using var played = await site.Client.GetAsync(segments[1]);
        Assert.Equal(HttpStatusCode.OK, played.StatusCode);
    }

    private static string Address(Camera camera) =>
        $"/api/streams/gate/playlist.m3u8?converted=true&from={Uri.EscapeDataString(Instants.Format(Camera.Start))}"
            + $"&to={Uri.EscapeDataString(Instants.Format(camera.At))}";
}
