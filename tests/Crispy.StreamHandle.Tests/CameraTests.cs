using System.Net;
using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

[Collection("cameras")]
public sealed class CameraTests(Servers servers)
{
    private static Dictionary<string, string> Stream(string id, string url, params (string Key, string Value)[] more)
    {
        var stream = new Dictionary<string, string> { ["Id"] = id, ["Url"] = url, ["Window"] = "1", ["StallTimeout"] = "2" };
        foreach (var (key, value) in more) stream[key] = value;
        return stream;
    }

    [Fact]
    public async Task No_frame_of_a_camera_is_missing_and_its_times_are_those_of_the_clock()
    {
        await using var camera = await RtspCamera.StartAsync(fps: 25, gop: 25);
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", camera.Url)).StartAsync();
        var before = TimeProvider.System.GetUtcNow();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 5, "five chunks");
        var stopped = TimeProvider.System.GetUtcNow();
        await handle.StopAsync();

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        Assert.Single(chunks.Select(chunk => chunk.Manifest.Epoch).Distinct());
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(chunk.Manifest.Duration.TotalSeconds * 25, chunk.Manifest.Frames, 0.1));
        Assert.All(chunks, chunk => Assert.InRange(chunk.Manifest.Duration.TotalSeconds, 0.03, 2.1));
        Assert.All(chunks.SkipLast(1), chunk => Assert.Empty(chunk.Manifest.Flags));
        foreach (var (a, b) in chunks.Zip(chunks.Skip(1))) Assert.Equal(0, (b.Manifest.From - a.Manifest.To).TotalMilliseconds, 60.0);
        Assert.All(chunks, chunk => Assert.NotNull(chunk.Manifest.Clock.UncertaintyMs));
        // The camera filmed them between its start and the stop: clocks that run apart would leave this frame.
        Assert.True(chunks[0].Manifest.From > before - TimeSpan.FromSeconds(5)
            && chunks[^1].Manifest.To < stopped + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_camera_that_is_away_for_a_while_comes_back_in_a_new_epoch_and_its_neighbour_feels_nothing()
    {
        await using var camera = await RtspCamera.StartAsync();
        await using var neighbour = await RtspCamera.StartAsync();
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", camera.Url), Stream("yard", neighbour.Url))
            .StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "chunks of the camera");
        await camera.StopAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "the camera is missed");
        var health = await handle.HealthAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("gate is backoff", await health.Content.ReadAsStringAsync());

        var captured = (await handle.StreamAsync("gate")).Captured.Chunks;
        await camera.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= captured + 2, "chunks after it is back");
        await handle.StopAsync();

        var chunks = handle.Ready("gate");
        ReadyChunk.AssertWhole(chunks);
        var epochs = chunks.Select(chunk => chunk.Manifest.Epoch).Distinct().ToList();
        Assert.True(epochs.Count >= 2, "a reconnect starts an epoch");
        Assert.Equal(epochs.Order(), epochs);
        foreach (var epoch in epochs.Skip(1))
            Assert.Contains(ChunkFlag.Discontinuity, chunks.First(chunk => chunk.Manifest.Epoch == epoch).Manifest.Flags);
        Assert.Single(handle.Ready("yard").Select(chunk => chunk.Manifest.Epoch).Distinct());
        ReadyChunk.AssertWhole(handle.Ready("yard"));
    }

    [Fact]
    public async Task A_frozen_camera_is_noticed()
    {
        await using var camera = await RtspCamera.StartAsync();
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", camera.Url)).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 1, "a chunk");
        await camera.FreezeAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "the freeze is noticed");
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    public async Task A_password_opens_the_camera_and_is_seen_nowhere(string container)
    {
        const string password = "hunter2 p@ss'word/é";
        await using var camera = await RtspCamera.StartAsync(user: "viewer", password: password);
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", camera.Url, ("Container", container))).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 1, "a chunk");
        var commands = (await Command.RunAsync("ps", "-eo", "args", "ww")).Split('\n')
            .Where(line => line.Contains("ffmpeg") || line.Contains("ffprobe")).ToList();
        await camera.StopAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "the camera is missed");
        var status = await (await handle.GetAsync("/api/status")).Content.ReadAsStringAsync();
        var health = await (await handle.HealthAsync()).Content.ReadAsStringAsync();
        await handle.StopAsync();

        Assert.Contains(commands, line => line.Contains("pipe:0"));
        foreach (var text in (string[])[handle.Log, status, health, string.Join('\n', commands)])
            foreach (var secret in (string[])[password, Uri.EscapeDataString(password), "hunter2"]) Assert.DoesNotContain(secret, text);
        Assert.Contains("rtsp://***@127.0.0.1", status);
        Assert.DoesNotContain("hunter2",
            string.Join('\n', handle.Ready("gate").Select(chunk => System.Text.Encoding.UTF8.GetString(chunk.ManifestBytes))));
    }

    [Fact]
    public async Task A_wrong_password_is_shown_as_the_reason_without_the_password()
    {
        await using var camera = await RtspCamera.StartAsync(user: "viewer", password: "right");
        await using var handle = await new RunningStreamHandle(servers, Stream("gate", camera.Url.Replace("right", "wrong-one")))
            .StartAsync();
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Backoff, "the camera refuses");
        Assert.Contains("401", (await handle.StreamAsync("gate")).Error);
        Assert.DoesNotContain("wrong-one", handle.Log);
    }
}
