using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

public sealed class BadInputTests(Servers servers) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_bad_source_fails_with_its_reason_and_another_stream_is_recorded_whole()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 6);
        File.WriteAllText(_folder["text.mp4"], "this is not a video");
        await Command.RunAsync("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine", "-t", "2", _folder["sound.mp3"]);
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "missing", ["Url"] = _folder["nowhere.mp4"] },
            new Dictionary<string, string> { ["Id"] = "text", ["Url"] = _folder["text.mp4"] },
            new Dictionary<string, string> { ["Id"] = "sound", ["Url"] = _folder["sound.mp3"] },
            new Dictionary<string, string> { ["Id"] = "good", ["Url"] = clip }).StartAsync();
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => stream.State is StreamState.Failed or StreamState.Ended));

        var streams = (await handle.StatusAsync()).Streams.ToDictionary(stream => stream.Id);
        Assert.Contains("no such file", streams["missing"].Error);
        Assert.Contains("Invalid data", streams["text"].Error);
        Assert.Contains("holds no video", streams["sound"].Error);
        Assert.Equal((StreamState.Ended, 180), (streams["good"].State, streams["good"].Captured.Frames));
        Assert.False((await handle.StatusAsync()).Ended, "chunks still lie in the spool");
        foreach (var file in Directory.EnumerateFiles(handle.Spool.Ready("good")).ToList()) File.Delete(file);
        Assert.True((await handle.StatusAsync()).Ended);
    }

    [Fact]
    public async Task Mistakes_in_the_configuration_are_told_all_at_once_and_end_the_process()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "Gate", ["Url"] = "ftp://x/y", ["Windw"] = "3" }).StartAsync();
        Assert.False(handle.IsRunning);
        Assert.Contains("Crispy:Streams:0:Id is 'Gate'", handle.Log);
        Assert.Contains("Crispy:Streams:0:Url is 'ftp://x/***'", handle.Log);
        Assert.Contains("Crispy:Streams:0:Windw is not a known key", handle.Log);
        Assert.DoesNotContain("   at ", handle.Log);
        Assert.Equal(2, await ExitCodeAsync(handle));
    }

    [Fact]
    public async Task A_missing_ffmpeg_is_told_in_one_line()
    {
        await using var handle =
            await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:" })
            .With("Crispy__Ffmpeg__Folder", _folder.Path).StartAsync();
        Assert.False(handle.IsRunning);
        Assert.Contains("no ffmpeg there", handle.Log);
        Assert.DoesNotContain("   at ", handle.Log);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var handle =
            await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:" })
            .With("ASPNETCORE_URLS", $"http://{taken.LocalEndpoint}").StartAsync();
        Assert.False(handle.IsRunning);
        Assert.Contains("address already in use", handle.Log);
    }

    [Fact]
    public async Task An_unknown_stream_is_a_problem_with_details()
    {
        await using var handle = await new RunningStreamHandle(servers,
            new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = "demo:?duration=1" }).StartAsync();
        using var answer = await handle.GetAsync("/api/streams/nobody");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    // The process is a child of a watchdog, which does not tell: the same start again, by hand.
    private static async Task<int> ExitCodeAsync(RunningStreamHandle handle) => (await Command.TryAsync("dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Crispy.StreamHandle.dll"), "--Crispy:Streams:0:Id=Gate",
            $"--Crispy:Spool:Path={handle.Spool.Root}"])).ExitCode;
}
