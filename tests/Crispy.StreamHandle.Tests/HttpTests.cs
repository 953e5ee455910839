using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

public sealed class HttpTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_and_playlists_are_read_over_http_to_their_end_and_what_is_not_there_fails()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mkv"], seconds: 8);
        await Command.RunAsync("ffmpeg", "-v", "error", "-i", clip, "-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_list_size",
            "0", _folder["list.m3u8"]);
        var port = FreePort.Next();
        await using var server =
            await WatchedProcess.StartAsync(_folder["server.log"], new Dictionary<string, string>(), "/usr/bin/python3",
            "-m", "http.server", $"{port}", "--bind", "127.0.0.1", "--directory", _folder.Path);
        await Until.TrueAsync(() => Listening.OnAsync(port));
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "file", ["Url"] = $"http://127.0.0.1:{port}/clip.mkv?token=hunter2" },
            new Dictionary<string, string> { ["Id"] = "playlist", ["Url"] = $"http://127.0.0.1:{port}/list.m3u8" },
            new Dictionary<string, string> { ["Id"] = "missing", ["Url"] = $"http://127.0.0.1:{port}/nothing.mp4" }).StartAsync();
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => stream.State is StreamState.Failed or StreamState.Ended),
            what: "all are over");

        var streams = (await handle.StatusAsync()).Streams.ToDictionary(stream => stream.Id);
        Assert.Contains("404", streams["missing"].Error);
        foreach (var id in (string[])["file", "playlist"])
        {
            Assert.Equal((StreamState.Ended, StreamKind.Finite, 240L), (streams[id].State, streams[id].Kind, streams[id].Captured.Frames));
            ReadyChunk.AssertWhole(handle.Ready(id));
        }
        Assert.DoesNotContain("hunter2", handle.Log);
        Assert.EndsWith("/clip.mkv?***", streams["file"].Url);
    }
}
