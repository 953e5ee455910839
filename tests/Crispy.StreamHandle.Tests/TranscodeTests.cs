using System.Globalization;

namespace Crispy.StreamHandle.Tests;

public sealed class TranscodeTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    [InlineData("ts")]
    public async Task Every_third_frame_is_kept_at_its_true_time_in_windows_of_exactly_three_seconds(string container)
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 12, gop: 77);
        await using var handle = await new RunningStreamHandle(servers, new Dictionary<string, string>
        {
            ["Id"] = "gate", ["Url"] = clip, ["Mode"] = "transcode", ["EveryNthFrame"] = "3", ["Scale"] = "160:-2", ["Crf"] = "30",
            ["Container"] = container,
        }).StartAsync();
        await handle.UntilAsync("gate", stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Equal(4, chunks.Count);
        Assert.All(chunks, chunk => Assert.Equal(30, chunk.Manifest.Frames));
        Assert.All(chunks, chunk => Assert.Equal(3.000, chunk.Manifest.Duration.TotalSeconds, 0.0005));
        Assert.All(chunks, chunk => Assert.Equal((160, 90), (chunk.Manifest.Width, chunk.Manifest.Height)));
        foreach (var (before, after) in chunks.Zip(chunks.Skip(1)))
            Assert.Equal(3.000, (after.Manifest.From - before.Manifest.From).TotalSeconds, 0.0005);
        foreach (var chunk in chunks)
        {
            var times = await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time",
                "-of", "csv=p=0", chunk.Path);
            var pts = times.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line.Trim().TrimEnd(','), CultureInfo.InvariantCulture)).ToList();
            Assert.All(pts.Zip(pts.Skip(1)), pair => Assert.Equal(0.1, pair.Second - pair.First, 0.0015));
        }
    }

    [Fact]
    public async Task Sound_that_a_container_cannot_hold_becomes_aac_and_is_dropped_when_told_so()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mkv"], seconds: 4, audio: "pcm_alaw");
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "kept", ["Url"] = clip, ["Container"] = "mp4" },
            new Dictionary<string, string> { ["Id"] = "dropped", ["Url"] = clip, ["Container"] = "mp4", ["Audio"] = "drop" },
            new Dictionary<string, string> { ["Id"] = "copied", ["Url"] = clip }).StartAsync();
        foreach (var id in (string[])["kept", "dropped", "copied"])
            await handle.UntilAsync(id, stream => stream.State is StreamState.Ended or StreamState.Failed, "the file is read");

        Assert.Equal("aac", await AudioAsync(handle, "kept"));
        Assert.Equal("", await AudioAsync(handle, "dropped"));
        Assert.Equal("pcm_alaw", await AudioAsync(handle, "copied"));
    }

    private static async Task<string> AudioAsync(RunningStreamHandle handle, string id) =>
        (await Command.RunAsync("ffprobe", "-v", "error", "-select_streams", "a",
        "-show_entries", "stream=codec_name", "-of", "csv=p=0", handle.Ready(id)[0].Path)).Trim();
}
