using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

public sealed class CameraTests
{
    [Fact]
    public async Task A_camera_is_recorded_without_a_missing_frame_until_ctrl_c()
    {
        const int logged = 8;
        await using var camera = await RtspCamera.StartAsync(fps: 25, gop: 25);
        await using var run = AppHostRun.Start(camera.Url, "--window", "1");
        await Until.TrueAsync(() => Stored.Logged(run).Count >= logged, TimeSpan.FromMinutes(2));

        await run.InterruptAsync();

        Assert.True(run.ExitCode == 0, run.Output);
        var chunks = Stored.Chunks(run, interrupted: true).Take(logged).ToList();
        var packets = await Task.WhenAll(chunks.Select(chunk => Ffprobe.PacketsAsync(chunk.Path)));
        Assert.All(packets, chunk => Assert.True(chunk[0].IsKeyframe));
        foreach (var (earlier, later) in chunks.Zip(chunks.Skip(1))) Assert.InRange((later.From - earlier.To).TotalMilliseconds, -2, 2);
        Assert.Equal((double)chunks.Sum(chunk => chunk.Seconds) * 25, packets.Sum(chunk => chunk.Count), 1.0);
        // Nothing is lost by stopping: each number is in the bucket or waits in the spool for the next start.
        var kept = Stored.Sequences(run);
        Assert.Equal(Enumerable.Range(0, kept.Count).Select(number => (long)number), kept);
    }

    [Fact]
    public async Task A_password_is_neither_printed_nor_on_a_command_line()
    {
        const string password = "s3cret-of-the-gate";
        await using var camera = await RtspCamera.StartAsync(user: "viewer", password: password);
        await using var run = AppHostRun.StartAs(["--data", "{data}"], new Dictionary<string, string?>
        {
            ["Crispy__Streams__0__Id"] = "gate",
            ["Crispy__Streams__0__Url"] = camera.Url,
            ["Crispy__Streams__0__Window"] = "1",
        });
        await Until.TrueAsync(() => Stored.Logged(run).Count >= 1, TimeSpan.FromMinutes(2));

        var commandLines = Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out var id) && id != Environment.ProcessId)
            .Select(folder => Read(Path.Combine(folder, "cmdline"))).ToList();
        await run.InterruptAsync();

        Assert.Contains(commandLines,
            line => line.Contains("ffmpeg", StringComparison.Ordinal) && line.Contains("syncpoints", StringComparison.Ordinal));
        Assert.DoesNotContain(commandLines,
            line => line.Contains(password, StringComparison.Ordinal) && !line.Contains("gi.repository", StringComparison.Ordinal));
        Assert.DoesNotContain(password, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(password, File.ReadAllText(Stored.LogFile(run)), StringComparison.Ordinal);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
