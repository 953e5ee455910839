using System.Net;
using System.Net.Http.Headers;
using Crispy.Contracts;

namespace Crispy.Archive.Tests;

public sealed class ThumbnailTests
{
    [Theory]
    [InlineData("mkv", "h264", 2)]
    [InlineData("mp4", "h264", 2)]
    [InlineData("ts", "h264", 2)]
    [InlineData("mkv", "hevc", 3)]
    [InlineData("mkv", "mjpeg", 0)]
    public async Task The_first_keyframe_is_shown_320_wide_and_made_once(string container, string codec, int bFrames)
    {
        await using var site = await Site.StartAsync();
        var gate = new Camera("gate", site.Signer).Video(await Footage.CutAsync(new(container, codec, bFrames, Size: "640x360")));
        await site.StoreAsync(gate);
        var path = new Uri($"/api/streams/gate/thumbnail?at={Uri.EscapeDataString(Instants.Format(gate.Objects[1].From.AddSeconds(1)))}",
            UriKind.Relative);

        using var answer = await site.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["picture.jpg"], await answer.Content.ReadAsByteArrayAsync());
        var picture = Assert.Single(await Ffprobe.StreamsAsync(folder["picture.jpg"]));
        Assert.Equal((320, 180), (picture.Width, picture.Height));
        var downloads = site.Requests.Count(request => request.Contains("alt=media", StringComparison.Ordinal));
        using var again = await site.Client.GetAsync(path);
        Assert.Equal(downloads, site.Requests.Count(request => request.Contains("alt=media", StringComparison.Ordinal)));
        using var conditional = new HttpRequestMessage(HttpMethod.Get, path);
        conditional.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await site.Client.SendAsync(conditional);
        Assert.Equal((HttpStatusCode.NotModified, answer.Headers.ETag), (unchanged.StatusCode, unchanged.Headers.ETag));
    }

    [Theory]
    [InlineData(null, null, 320, 320, 180)]
    [InlineData(90, null, 320, 320, 568)]
    [InlineData(180, null, 320, 320, 180)]
    [InlineData(270, null, 500, 640, 1138)]
    [InlineData(null, "4:3", 320, 320, 136)]
    [InlineData(90, "4:3", 320, 320, 758)]
    [InlineData(null, "4:3,negate", 320, 320, 180)]
    [InlineData(null, "0:1", 320, 320, 180)]
    [InlineData(null, null, 1280, 1280, 720)]
    public async Task A_picture_is_turned_and_its_pixels_are_shaped_as_the_manifest_says(
        int? rotation, string? sar, int wanted, int width, int height)
    {
        await using var site = await Site.StartAsync();
        var footage = await Footage.CutAsync(new("ts", Size: "640x360"));
        await site.StoreAsync(new Camera("gate", site.Signer) { Rotation = rotation, Sar = sar }.Video(footage.Take(1)));
        using var answer = await site.Client.GetAsync(new Uri($"/api/streams/gate/thumbnail?width={wanted}", UriKind.Relative));
        Assert.Equal(Instants.Format(Camera.Start), Assert.Single(answer.Headers.GetValues("Crispy-Moment")));
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["picture.jpg"], await answer.Content.ReadAsByteArrayAsync());
        var picture = Assert.Single(await Ffprobe.StreamsAsync(folder["picture.jpg"]));
        Assert.Equal((width, height), (picture.Width, picture.Height));
        await site.ProblemAsync(HttpStatusCode.BadRequest, "/api/streams/gate/thumbnail?width=1281");
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task A_large_chunk_is_read_only_as_far_as_its_first_picture_and_that_picture_is_whole(string container)
    {
        await using var site = await Site.StartAsync();
        using var folder = new TempFolder();
        // The first keyframe is larger than what is read at first: half of it must not be shown.
        var clip = folder[$"large.{container}"];
        string[] flags = container == "mp4" ? ["-movflags", "+delay_moov+default_base_moof"] : [];
        await Command.RunAsync("ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "nullsrc=size=1280x720:rate=25:duration=2,geq=lum='random(1)*255':cb=128:cr=128", "-c:v",
                "libx264", "-preset", "ultrafast", "-qp", "18", "-g", "25", .. flags, clip]);
        var content = await File.ReadAllBytesAsync(clip);
        await site.StoreAsync(new Camera("gate", site.Signer).Video([content]));
        var jpeg = await site.Client.GetByteArrayAsync(new Uri("/api/streams/gate/thumbnail", UriKind.Relative));
        await File.WriteAllBytesAsync(folder["shown.jpg"], jpeg);

        Assert.True(content.Length > 8 << 20, $"{content.Length} bytes");
        Assert.Equal(["bytes=0-262143", "bytes=262144-2097151"],
            site.Requests.Where(request => request.Contains("bytes=", StringComparison.Ordinal))
                .Select(request => request.Split(' ')[^1]).ToArray());
        // Grey noise everywhere: a part that was not decoded would be flat.
        var lowest = await Command.RunAsync("ffmpeg", "-v", "error", "-i", folder["shown.jpg"], "-vf", "crop=320:40:0:140,format=gray",
            "-f", "rawvideo", folder["low.gray"]).ContinueWith(_ => File.ReadAllBytes(folder["low.gray"]), TaskScheduler.Default);
        Assert.True(lowest.Distinct().Count() > 20, $"{lowest.Distinct().Count()} shades");
    }

    [Fact]
    public async Task Nothing_is_shown_where_nothing_is_recorded_and_the_newest_is_found_however_old()
    {
        await using var site = await Site.StartAsync();
        var video = await Footage.CutAsync(new("mkv"));
        var gate = new Camera("gate", site.Signer, Camera.Start.AddYears(-2)).Video(video).NewEpoch(TimeSpan.FromHours(30)).Video(video);
        await site.StoreAsync(gate);
        await site.ProblemAsync(HttpStatusCode.NotFound,
            $"/api/streams/gate/thumbnail?at={Uri.EscapeDataString(Instants.Format(gate.Objects[2].To.AddHours(3)))}");
        await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/nobody/thumbnail");
        var newest = await site.Archive.ThumbnailAsync("gate", null);
        Assert.Equal(gate.Objects[^1].Name, newest?.Object);
        Assert.Equal(gate.Objects[0].Name, (await site.Archive.ThumbnailAsync("gate", gate.Objects[0].From))?.Object);
    }

    [Fact]
    public async Task An_object_without_a_picture_is_a_problem_and_not_a_broken_image()
    {
        await using var site = await Site.StartAsync();
        await site.StoreAsync(new Camera("gate", site.Signer).Chunks(1));
        var problem = await site.ProblemAsync(HttpStatusCode.NotFound, "/api/streams/gate/thumbnail");
        Assert.Contains("no picture can be made", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(site.CacheFolder));
    }
}
