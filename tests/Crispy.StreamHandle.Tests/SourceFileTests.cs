using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>Files that are none, that are turned, and whose sound no container holds.</summary>
public sealed class SourceFileTests(Servers servers) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<RunningStreamHandle> _handles = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var handle in _handles) await handle.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_named_pipe_is_refused_and_its_writer_is_left_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no named pipes");
        await Command.RunAsync("mkfifo", _folder["in.fifo"]);
        var report = await RecordAsync(_folder["in.fifo"]);
        Assert.Equal(StreamState.Failed, report.State);
        Assert.Contains("no regular file (a named pipe, a socket, a device)", report.Error, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await RecordAsync(_folder.Path)).Error, StringComparison.Ordinal);
        Assert.Contains("no regular file", (await RecordAsync("/dev/zero")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sound_that_the_container_cannot_hold_becomes_aac_in_a_file_too()
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4", "-f", "lavfi",
            "-i", "sine=duration=4:sample_rate=48000",
            "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "pcm_bluray", "-ac", "2",
            "-mpegts_m2ts_mode", "1", _folder["clip.m2ts"]);
        var report = await RecordAsync(_folder["clip.m2ts"]);
        Assert.Equal((StreamState.Ended, 100L), (report.State, report.Captured.Frames));
        var streams = await Ffprobe.StreamsAsync(_handles[^1].Ready("gate")[0].Path);
        Assert.Equal(["aac", "h264"], streams.Select(stream => stream.Codec).Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    public async Task Rotation_is_told_clockwise_as_ffmpeg_shows_the_picture(int degrees)
    {
        await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=0.4", "-pix_fmt",
            "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", _folder["plain.mp4"]);
        await Rotation.WriteAsync(_folder["plain.mp4"], _folder["turned.mp4"], degrees);
        using var launcher = new Launching.ProcessLauncher();
        var ffmpeg = await Launching.Ffmpeg.FindAsync(null, launcher);
        var facts = await Sources.SourceProbe.LookAsync(ffmpeg, new() { Id = "gate", Url = Sources.SourceUrl.Parse(_folder["turned.mp4"]) },
            http: null, TestContext.Current.CancellationToken);
        Assert.Equal((degrees, 160, 120, 0, "0:0"), (facts.Rotation, facts.Width, facts.Height, facts.VideoIndex, facts.Maps.Video));
        // What ffmpeg shows is what its own turn by the told degrees gives.
        var filter = degrees switch { 90 => "transpose=clock", 180 => "hflip,vflip", 270 => "transpose=cclock", _ => "null" };
        Assert.Equal(await PictureAsync([], "null"), await PictureAsync(["-noautorotate"], filter));
    }

    private Task<string> PictureAsync(string[] options, string filter) =>
        Command.RunAsync("ffmpeg",
            ["-v", "error", .. options, "-i", _folder["turned.mp4"], "-vf", filter, "-frames:v", "1", "-f", "md5", "-"]);

    private async Task<RunningStreamHandle> StartAsync(string path, Dictionary<string, string>? settings = null)
    {
        var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string>(settings ?? []) { ["Id"] = "gate", ["Url"] = path, ["Window"] = "1" }).StartAsync();
        _handles.Add(handle);
        return handle;
    }

    private async Task<StreamReport> RecordAsync(string path)
    {
        var handle = await StartAsync(path);
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "it is read");
        return await handle.StreamAsync("gate");
    }
}
