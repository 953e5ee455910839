using System.Net;
using System.Text.Json;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

/// <summary>Addresses that are tried before they become streams.</summary>
public sealed class ProbeTests(Servers servers)
{
    [Fact]
    public async Task A_camera_is_tried_and_its_picture_shown()
    {
        await using var camera =
            await RtspCamera.StartAsync(width: 320, height: 240, fps: 20, gop: 20, user: "viewer", password: "open-sesame");
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        var body = await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe",
            $$"""{"url":"{{camera.Url}}","rtspTransport":"tcp"}""");
        var report = Report(body);
        Assert.True(report is { Ok: true, Error: null, Kind: "live", Audio: null }, body[..Math.Min(body.Length, 500)] + handle.Log);
        Assert.Equal(("h264", 320, 240), (report.Video!.Codec, report.Video.Width, report.Video.Height));
        Assert.InRange(report.Video.Fps!.Value, 19, 21);
        Assert.InRange(report.Video.GopSeconds!.Value, 0.9, 1.1);
        Assert.InRange(report.FirstKeyframeSeconds!.Value, 0, SourceTrial.Limit.TotalSeconds);
        Assert.Equal((640, 480), await SizeAsync(report.Picture!));
        Assert.DoesNotContain("open-sesame", body + handle.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_and_a_demo_are_tried()
    {
        using var folder = new TempFolder();
        var clip = await Clips.MakeAsync(folder["clip.mp4"], seconds: 5, fps: 30, gop: 60);
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        var file = Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{clip}}"}"""));
        Assert.Equal((true, "finite", "h264", 30d, 2d, "yuv420p"),
            (file.Ok, file.Kind, file.Video?.Codec, file.Video?.Fps, file.Video?.GopSeconds, file.Video?.PixelFormat));
        Assert.Equal(("aac", 1), (file.Audio?.Codec, file.Audio?.Channels));
        var demo = Report(
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", """{"url":"demo:?size=64x48&fps=10"}"""));
        Assert.Equal((true, "live", 64, 10d), (demo.Ok, demo.Kind, demo.Video?.Width, demo.Video?.Fps));
    }

    [Theory]
    [InlineData("hevc", 3, false, "mp4")]
    [InlineData("hevc", 3, true, "mkv")]
    [InlineData("hevc", 0, false, "ts")]
    [InlineData("h264", 2, false, "mp4")]
    [InlineData("h264", 2, true, "ts")]
    public async Task Keyframes_are_told_from_pictures_that_no_other_needs(string codec, int bFrames, bool openGop, string container)
    {
        using var folder = new TempFolder();
        var clip = await TestVideo.CreateAsync(folder[$"clip.{container}"],
            new() { Codec = codec, Seconds = 4, Fps = "25", Gop = 25, BFrames = bFrames, OpenGop = openGop });
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        var report = Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{clip}}"}"""));
        Assert.InRange(report.Video!.GopSeconds!.Value, 0.99, 1.01);
    }

    [Fact]
    public async Task Each_reason_has_an_advice_of_its_own()
    {
        await using var camera = await RtspCamera.StartAsync(user: "viewer", password: "open-sesame");
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        var port = new Uri(camera.Url).Port;
        var advices = new List<string>();
        foreach (var (url, part) in ((string, string)[])[
            ($"rtsp://viewer:wrong@127.0.0.1:{port}{new Uri(camera.Url).AbsolutePath}", "user or password"),
            ($"rtsp://viewer:open-sesame@127.0.0.1:{port}/nowhere", "no such stream"),
            ("rtsp://127.0.0.1:9/cam", "nothing listens on this port"), ("rtsp://camera.invalid/cam", "No machine has this name"),
                ("/no/such/file.mp4", "stream-handle runs on")])
        {
            var report = Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe",
                $$"""{"url":"{{url}}"}"""));
            Assert.False(report.Ok);
            Assert.True(report.Advice?.Contains(part, StringComparison.Ordinal), $"{part}: {report.Error}: {report.Advice}");
            advices.Add(report.Advice!);
        }
        Assert.Equal(advices.Count, advices.Distinct().Count());
    }

    [Theory]
    [InlineData("192.168.1.20")]
    [InlineData("192.168.1.20:554/live")]
    [InlineData("viewer:open-sesame@camera.local/live")]
    [InlineData("camera.local:554")]
    public async Task An_address_without_a_scheme_is_told_to_begin_with_one(string url)
    {
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        foreach (var (path, body) in ((string, string)[])[("/api/streams/probe", $$"""{"url":"{{url}}"}"""),
            ("/api/streams", $$"""{"id":"gate","url":"{{url}}"}""")])
        {
            var refused = await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, body);
            Assert.True(refused.Contains("begins with rtsp://", StringComparison.Ordinal), refused);
            Assert.DoesNotContain("open-sesame", refused, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_does_not_open_is_told_with_the_reason_and_what_never_answers_within_a_limit()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["text.mp4"], "no video");
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var handle = await new RunningStreamHandle(servers).StartAsync();
        foreach (var (url, reason) in ((string, string)[])[
            ("/no/such/file.mp4", "no such file"), (folder["text.mp4"], "Invalid data"), ("rtsp://127.0.0.1:9/cam", "Connection refused"),
            ($"rtsp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/cam", "did not answer within 15 s")])
        {
            var report =
                Report(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/streams/probe", $$"""{"url":"{{url}}"}"""));
            Assert.Equal((url, false, null, null), (url, report.Ok, report.Video, report.Picture));
            Assert.Contains(reason, report.Error, StringComparison.Ordinal);
            Assert.Equal(2, report.Error!.Split(url).Length);
        }
        Assert.Contains("\"url\"",
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/probe", """{"url":"gopher://x"}"""),
            StringComparison.Ordinal);
        Assert.Contains("\"rtspTransport\"",
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/probe",
                """{"url":"rtsp://x/y","rtspTransport":"sctp"}"""), StringComparison.Ordinal);
        Assert.Contains("\"timeout\"",
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/api/streams/probe",
                """{"url":"rtsp://x/y","timeout":600}"""), StringComparison.Ordinal);
    }

    private static TrialReport Report(string json) => JsonSerializer.Deserialize<TrialReport>(json, JsonSerializerOptions.Web)!;

    private static async Task<(int, int)> SizeAsync(string picture)
    {
        using var folder = new TempFolder();
        const string prefix = "data:image/jpeg;base64,";
        Assert.StartsWith(prefix, picture);
        await File.WriteAllBytesAsync(folder["picture.jpg"], Convert.FromBase64String(picture[prefix.Length..]));
        var size = (await Command.RunAsync("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0",
            folder["picture.jpg"])).Trim().Split(',');
        return (int.Parse(size[0]), int.Parse(size[1]));
    }
}
