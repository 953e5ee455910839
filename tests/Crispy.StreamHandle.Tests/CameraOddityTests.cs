using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

[Collection("cameras")]
public sealed class CameraOddityTests(Servers servers) : IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(40);
    private readonly TempFolder _folder = new();

    private readonly List<RunningStreamHandle> _handles = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var handle in _handles) await handle.DisposeAsync();
        _folder.Dispose();
    }

    private static Dictionary<string, string> Stream(string url, params (string Key, string Value)[] more)
    {
        var stream = new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = url, ["Window"] = "1", ["StallTimeout"] = "3" };
        foreach (var (key, value) in more) stream[key] = value;
        return stream;
    }

    private static IEnumerable<CameraStep> AtPace(IEnumerable<byte[]> pictures, uint first = 90_000) =>
        pictures.Select((picture, index) => new CameraStep(Frame * index, (uint)(first + index * 3600), picture));

    private async Task<List<ReadyChunk>> RecordAsync(string url, int chunks, params (string Key, string Value)[] more)
    {
        var ready = await CaptureAsync(url, chunks, more);
        foreach (var chunk in ready)
            await Command.RunAsync("ffmpeg", "-v", "error", "-xerror", "-i", chunk.Path, "-map", "0:v", "-f", "null", "-");
        return ready;
    }

    private async Task<List<ReadyChunk>> CaptureAsync(string url, int chunks, params (string Key, string Value)[] more)
    {
        var handle = await new RunningStreamHandle(servers, Stream(url, more)).StartAsync();
        _handles.Add(handle);
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= chunks, "chunks");
        await handle.StopAsync();
        var ready = handle.Ready("gate");
        ReadyChunk.AssertWhole(ready);
        return ready;
    }

    [Fact]
    public async Task Keyframes_that_arrive_in_slices_are_one_frame_each()
    {
        await using var camera = await RtspCamera.StartPipelineAsync(
            "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=25/1 ! x264enc tune=zerolatency "
                + "sliced-threads=true threads=4 key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1 )");
        // Each slice comes with parameter sets of its own, so that to a strict decoder it is a picture with pieces missing:
        // only counted here.
        var chunks = (await CaptureAsync(camera.Url, 4)).SkipLast(1).ToList();
        Assert.All(chunks, chunk => Assert.Equal(chunk.Manifest.Duration.TotalSeconds * 25, chunk.Manifest.Frames, 0.2));
        foreach (var chunk in chunks) Assert.Equal(chunk.Manifest.Frames, await Clips.PacketsAsync(chunk.Path, "v:0"));
    }

    [Fact]
    public async Task A_long_group_of_pictures_stretches_the_chunk_to_the_next_keyframe()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 225, gop: 100);
        await using var camera = ScriptedCamera.Start(_ => AtPace(pictures));
        var chunks = await RecordAsync(camera.Url, 2);
        Assert.Equal((100, true), (chunks[0].Manifest.Frames, chunks[0].Manifest.Flags.Contains(ChunkFlag.Oversize)));
        Assert.Equal((100, true), (chunks[1].Manifest.Frames, chunks[1].Manifest.Flags.Contains(ChunkFlag.Oversize)));
    }

    [Fact]
    public async Task A_hard_cut_keeps_the_window_and_says_that_there_is_no_leading_keyframe()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 150, gop: 100);
        await using var camera = ScriptedCamera.Start(_ => AtPace(pictures));
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url, ("HardCut", "true"))).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 5, "chunks");
        await handle.StopAsync();
        var chunks = handle.Ready("gate").Take(5).ToList();
        ReadyChunk.AssertWhole(chunks);
        Assert.All(chunks, chunk => Assert.Equal(1, chunk.Manifest.Duration.TotalSeconds, 0.05));
        Assert.Equal([false, true, true, true], chunks.Take(4).Select(chunk => chunk.Manifest.Flags.Contains(ChunkFlag.NoLeadingKeyframe)));
    }

    [Fact]
    public async Task What_comes_before_the_first_keyframe_is_discarded_and_a_camera_that_never_sends_one_is_opened_again()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 250, gop: 50);
        await using var late = ScriptedCamera.Start(_ => AtPace(pictures.Skip(20)));
        await using var recorder = await new RunningStreamHandle(servers, Stream(late.Url)).StartAsync();
        await recorder.UntilAsync("gate", stream => stream is { Captured.Chunks: >= 1, Discarded: 30 },
            "a chunk, and what was discarded before it");
        var first = recorder.Ready("gate")[0].Manifest;
        Assert.Equal(50, first.Frames);
        Assert.DoesNotContain(ChunkFlag.NoLeadingKeyframe, first.Flags);

        // The parameter sets come, the keyframe never does.
        var endless = await ScriptedCamera.PicturesAsync(_folder, 250, gop: 250);
        var head = endless[0][..endless[0].AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0, 0, 1, 0x65])];
        await using var never = ScriptedCamera.Start(_ => AtPace([[.. head, .. endless[1]], .. endless.Skip(2)]));
        await using var handle = await new RunningStreamHandle(servers, Stream(never.Url, ("KeyframeTimeout", "2"))).StartAsync();
        await handle.UntilAsync("gate",
            stream => stream.State != StreamState.Running
                ? stream.State == StreamState.Backoff
                : throw new InvalidOperationException("nothing is recorded yet"), "the camera is given up");
        Assert.Contains("no keyframe for 2 s", (await handle.StreamAsync("gate")).Error);
        await Until.TrueAsync(() => never.Plays >= 2, what: "it is opened again");
    }

    [Fact]
    public async Task A_change_of_the_picture_starts_an_epoch_with_the_new_values_and_a_repeated_parameter_set_does_not()
    {
        var small = await ScriptedCamera.PicturesAsync(_folder, 75);
        var large = await ScriptedCamera.PicturesAsync(_folder, 100, size: "320x240");
        await using var camera = ScriptedCamera.Start(_ => AtPace(small.Concat(large)));
        var chunks = (await RecordAsync(camera.Url, 6)).Take(6).ToList();
        Assert.Equal([160, 160, 160, 320, 320, 320], chunks.Select(chunk => chunk.Manifest.Width));
        Assert.Equal([120, 120, 120, 240, 240, 240], chunks.Select(chunk => chunk.Manifest.Height));
        Assert.Equal([3, 3], chunks.GroupBy(chunk => chunk.Manifest.Epoch).Select(epoch => epoch.Count()));
    }

    [Theory]
    [InlineData("x265enc tune=zerolatency key-int-max=25 ! rtph265pay name=pay0 pt=96 config-interval=-1", "", "hevc")]
    [InlineData("jpegenc ! rtpjpegpay name=pay0 pt=26", "", "mjpeg")]
    [InlineData("x264enc tune=zerolatency sliced-threads=false key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1",
        "alawenc ! rtppcmapay name=pay1 pt=8", "h264")]
    [InlineData("x264enc tune=zerolatency sliced-threads=false key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1",
        "mulawenc ! rtppcmupay name=pay1 pt=0", "h264")]
    [InlineData("x264enc tune=zerolatency sliced-threads=false key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1",
        "audioconvert ! rtpL16pay name=pay1 pt=97", "h264")]
    public async Task Cameras_of_other_codecs_are_recorded_into_any_container_that_holds_them(string video, string audio, string codec)
    {
        var sound = audio.Length == 0 ? "" : $"audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! {audio}";
        await using var camera = await RtspCamera.StartPipelineAsync(
            $"( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! {video} {sound} )");
        foreach (var container in (string[])["mkv", "mp4"])
        {
            var chunks = await RecordAsync(camera.Url, 3, ("Container", container));
            Assert.All(chunks, chunk => Assert.Equal(codec, chunk.Manifest.Codec));
            Assert.All(chunks.Skip(1).SkipLast(1),
                chunk => Assert.Equal(chunk.Manifest.Duration.TotalSeconds * 25, chunk.Manifest.Frames, 1.1));
            if (audio.Length > 0) Assert.True(await Clips.PacketsAsync(chunks[1].Path, "a:0") > 0, "audio is kept or converted");
        }
    }

    [Fact]
    public async Task Lost_packets_are_flagged_and_recording_goes_on()
    {
        await using var camera = await RtspCamera.StartPipelineAsync(
            "( videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc tune=zerolatency "
                + "sliced-threads=false key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1 )", lose: 60);
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url, ("RtspTransport", "udp"))).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 6, "chunks");
        await handle.StopAsync();
        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Contains(chunks, chunk => chunk.Manifest.Flags.Contains(ChunkFlag.Damaged));
        Assert.Single(chunks.Select(chunk => chunk.Manifest.Epoch).Distinct());
    }

    [Theory]
    [InlineData("udp", "Tcp")]
    [InlineData("tcp", "Udp")]
    public async Task A_camera_that_refuses_a_transport_is_recorded_over_the_other(string offered, string asked)
    {
        await using var camera = await RtspCamera.StartPipelineAsync(
            "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc tune=zerolatency "
                + "sliced-threads=false key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=-1 )", offered);
        Assert.NotEmpty(await RecordAsync(camera.Url, 2, ("RtspTransport", asked)));
    }

    [Fact]
    public async Task A_wrong_path_is_told_as_the_reason_and_another_camera_is_not_touched()
    {
        var pictures = await ScriptedCamera.PicturesAsync(_folder, 250);
        await using var good = ScriptedCamera.Start(_ => AtPace(pictures));
        await using var camera = await RtspCamera.StartAsync();
        var neighbour = Stream(good.Url);
        neighbour["Id"] = "yard";
        await using var handle = await new RunningStreamHandle(servers, Stream(camera.Url.Replace("/cam", "/nowhere")), neighbour)
            .StartAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "the camera refuses");
        Assert.Contains("404", (await handle.StreamAsync("gate")).Error);
        await handle.UntilAsync("yard", stream => stream.Captured.Chunks >= 3, "the other camera's chunks");
        Assert.Null((await handle.StreamAsync("yard")).Error);
    }
}
