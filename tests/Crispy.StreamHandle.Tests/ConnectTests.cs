using System.Collections.Concurrent;
using System.Globalization;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Sources;
using Microsoft.Extensions.Time.Testing;

namespace Crispy.StreamHandle.Tests;

public sealed class ConnectTests(Servers servers)
{
    [Fact]
    public async Task Of_500_sources_only_so_many_are_opened_at_once_and_all_of_them_are()
    {
        using var limiter = new ConnectLimiter(new() { AtOnce = 16, Jitter = TimeSpan.Zero }, TimeProvider.System);
        var seen = new ConcurrentBag<int>();
        var opened = 0;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async _ =>
        {
            using var turn = await limiter.BeginAsync(TestContext.Current.CancellationToken);
            seen.Add(limiter.Opening);
            await Task.Yield();
            turn.Dispose();
            Interlocked.Increment(ref opened);
        }));
        Assert.Equal(500, opened);
        Assert.InRange(seen.Max(), 1, 16);
        Assert.Equal((0, 0), (limiter.Opening, limiter.Waiting));
    }

    [Fact]
    public async Task A_camera_that_does_not_answer_keeps_its_turn_for_no_longer_than_the_limit()
    {
        var clock = new FakeTimeProvider();
        using var limiter = new ConnectLimiter(new() { AtOnce = 1, Jitter = TimeSpan.Zero }, clock);
        using var dead = await limiter.BeginAsync(TestContext.Current.CancellationToken);
        var next = limiter.BeginAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (limiter.Opening, limiter.Waiting));
        Assert.False(next.IsCompleted);
        clock.Advance(ConnectLimiter.Longest);
        using var living = await next;
        Assert.Equal((1, 0), (limiter.Opening, limiter.Waiting));
        dead.Dispose();
        Assert.Equal(1, limiter.Opening);
    }

    [Fact]
    public async Task A_stream_that_is_stopped_while_it_waits_leaves_the_line()
    {
        using var limiter = new ConnectLimiter(new() { AtOnce = 1 }, TimeProvider.System);
        using var stopping = new CancellationTokenSource();
        using var first = await limiter.BeginAsync(TestContext.Current.CancellationToken);
        var next = limiter.BeginAsync(stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        first.Dispose();
        using var another = await limiter.BeginAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (limiter.Opening, limiter.Waiting));
    }

    [Fact]
    public async Task Two_hundred_cameras_of_one_process_are_opened_in_turns_and_all_run()
    {
        const int cameras = 200, atOnce = 8;
        using var folder = new TempFolder();
        await Command.RunAsync("ffmpeg",
            ["-v", "error", "-f", "lavfi", .. Carrier.Input.Split(' '), "-i", "testsrc2=size=160x120:rate=1:duration=2", "-c:v", "mjpeg",
            "-bsf:v", Carrier.Pictures, .. Carrier.Output(live: true).Split(' '), folder["pictures.nut"]]);
        // An ffmpeg without filters: says when it began, and when its picture came.
        await StandIn.WriteAsync(folder.Path, $$"""
            case "$*" in *-filters*) exit 0 ;; esac
            begun=$(date +%s%N)
            sleep 0.05
            echo "$begun $(date +%s%N)" >> {{folder["turns"]}}
            cat {{folder["pictures.nut"]}}
            exec sleep 600
            """);
        var streams = Enumerable.Range(0, cameras)
            .Select(index => new Dictionary<string, string> { ["Id"] = $"cam-{index}", ["Url"] = "demo:?size=160x120&fps=1" });
        await using var handle = new RunningStreamHandle(servers, [.. streams]).With("Crispy__Ffmpeg__Folder", folder.Path)
            .With("Crispy__Connects__AtOnce", $"{atOnce}").With("Crispy__Connects__Jitter", "0.01")
            .With("Logging__LogLevel__Crispy", "Warning");
        await handle.StartAsync();
        await Until.TrueAsync(() => File.Exists(folder["turns"]) && File.ReadAllLines(folder["turns"]).Length == cameras,
            TimeSpan.FromMinutes(2), "every camera is opened, once");
        await Until.TrueAsync(async () =>
            (await handle.StatusAsync()).Streams.All(stream => (stream.State, stream.Error) == (StreamState.Running, null)),
            what: "every camera is recorded");
        await handle.KillAsync();

        var turns = File.ReadAllLines(folder["turns"])
            .Select(line => line.Split(' ').Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray()).ToList();
        // A turn lasts until the picture, but no longer than the limit. Half of that is left to the machine to start the process.
        var limit = ConnectLimiter.Longest.TotalNanoseconds / 2;
        Assert.All(turns,
            turn => Assert.InRange(turns.Count(other => other[0] <= turn[0] && turn[0] < Math.Min(other[1], other[0] + limit)), 1, atOnce));
    }
}
