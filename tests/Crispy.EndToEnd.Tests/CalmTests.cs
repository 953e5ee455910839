using System.Text.RegularExpressions;
using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>What a run prints where its output is no terminal: little, and what matters.</summary>
public sealed partial class CalmTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_good_run_says_its_addresses_and_little_else_and_the_same_ones_again_after_a_restart()
    {
        await using var first = AppHostRun.Start("--window", "1", "demo:");
        await Until.TrueAsync(() => first.HasEnded || (Stored.Logged(first).Count >= 5 && Told().IsMatch(first.Output)), Limit);
        await first.InterruptAsync();
        Assert.True(first.ExitCode == 0, first.Output);
        var lines = first.Output.Split('\n');
        Assert.InRange(lines.Length, 5, 25);
        foreach (var noise in (string[])["fail:", "info:", "RabbitMQ", "\"chunk\"", "{", "##"]) Assert.DoesNotContain(noise, first.Output,
            StringComparison.Ordinal);
        Assert.Contains("demo: recording", lines);
        Assert.Matches(
            @"^(Nothing waits on disk: every chunk is stored\.|\d+ chunks? \(.+\) waits? on disk; (it is|they are) stored at the "
                + @"next start\.)$", lines[^1]);
        var log = File.ReadAllText(LogPath().Match(first.Output).Groups[1].Value);
        foreach (var process in (string[])["rabbitmq: ", "stream-handle: ", "upload-worker: ", "chunk-logger: "]) Assert.Contains(process,
            log, StringComparison.Ordinal);
        Assert.Contains("\"signature\":\"verified\"", log, StringComparison.Ordinal);

        await using var second = AppHostRun.StartAfter(first, "--window", "1", "demo:");
        await Until.TrueAsync(() => second.HasEnded || Told().IsMatch(second.Output), Limit);
        Assert.Equal(Told().Match(first.Output).Value, Told().Match(second.Output).Value);
        await second.InterruptAsync();
        Assert.True(second.ExitCode == 0, second.Output);
    }

    [Fact]
    public async Task With_verbose_everything_is_printed_too_and_the_console_has_the_port_that_was_asked_for()
    {
        var port = FreePort.Next();
        await using var run = AppHostRun.Start("--window", "1", "--verbose", "--port", $"{port}", "demo:");
        await Until.TrueAsync(() => run.HasEnded
            || (Told().IsMatch(run.Output) && run.Output.Contains("\"signature\":\"verified\"", StringComparison.Ordinal)), Limit);
        Assert.Contains($"Console: http://localhost:{port}", run.Output, StringComparison.Ordinal);
        await run.InterruptAsync();
        Assert.True(run.ExitCode == 0, run.Output);
    }

    [Fact]
    public async Task A_camera_that_is_away_is_told_once_with_its_cause()
    {
        await using var run = AppHostRun.Start("--window", "1", "demo:", $"rtsp://viewer:s3cret@127.0.0.1:{FreePort.Next()}/gate");
        await Until.TrueAsync(() => run.HasEnded || run.Output.Contains("Connection refused", StringComparison.Ordinal), Limit);
        await Until.TrueAsync(() => Stored.Logged(run).Count >= 10, Limit);
        await run.InterruptAsync();
        var told = Assert.Single(run.Output.Split('\n'), line => line.Contains("Connection refused", StringComparison.Ordinal));
        Assert.Matches(@"^\d\d:\d\d:\d\dZ [a-z0-9-]+: no video: Connection refused$", told);
        Assert.DoesNotContain("s3cret", run.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Console: (http://localhost:\d+)")]
    private static partial Regex Told();

    [GeneratedRegex(@"^Log: (.+)$", RegexOptions.Multiline)]
    private static partial Regex LogPath();
}
