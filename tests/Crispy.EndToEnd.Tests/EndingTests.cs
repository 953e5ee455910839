using Crispy.Testing;

namespace Crispy.EndToEnd.Tests;

/// <summary>What ends: each of the run's processes, and the run itself.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_process_that_is_killed_is_told_of_and_started_again_and_nothing_is_lost()
    {
        await using var run = AppHostRun.Start("--window", "1", "demo:");
        await Until.TrueAsync(() => Stored.Logged(run).Count >= 2, Limit);
        foreach (var (resource, program) in new[]
        {
            ("upload-worker", "Crispy.UploadWorker"), ("chunk-logger", "Crispy.ChunkLogger"), ("bucket", "Crispy.CloudEmulator"), ("console", "Crispy.Console"),
            ("redis", "redis-server"), ("rabbitmq", "beam.smp"), ("rabbitmq-epmd", "epmd"), ("stream-handle", "Crispy.StreamHandle"),
        })
        {
            await Until.TrueAsync(() => run.Processes(program).Count > 0, Limit, $"{program} runs");
            var killed = run.Processes(program)[0];
            await Command.RunAsync("kill", "-s", "KILL", $"{killed}");
            await Until.TrueAsync(() => run.Output.Contains($"crispy: {resource} was killed; it is started again", StringComparison.Ordinal), Limit, $"{resource} is told of");
            await Until.TrueAsync(() => run.Processes(program).Any(id => id != killed), Limit, $"{resource} is started again");
            var before = Stored.Logged(run).Count;
            await Until.TrueAsync(() => Stored.Logged(run).Count >= before + 2, Limit, $"chunks are logged after {resource} was killed");
        }

        await run.InterruptAsync();

        Assert.True(run.ExitCode == 0, run.Output);
        // What stream-handle had begun to write when it was killed may be cut off: then that is told, and nothing else.
        Assert.InRange(Stored.Losses(run).Count, 0, 1);
        Assert.NotEmpty(Stored.Chunks(run, "demo", interrupted: true));
        var kept = Stored.Sequences(run);
        Assert.Equal(Enumerable.Range(0, kept.Count).Select(number => (long)number), kept);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task The_end_of_the_AppHost_leaves_no_process_behind_and_loses_nothing(string signal)
    {
        await using var run = AppHostRun.Start("--window", "1", "demo:");
        await Until.TrueAsync(() => Stored.Logged(run).Count >= 2, Limit);
        Assert.NotEmpty(run.Processes("Crispy.StreamHandle"));

        await Command.RunAsync("kill", "-s", signal, $"{run.ProcessId}");
        await run.WaitForExitAsync();
        await Until.TrueAsync(() => run.Processes().Count == 0, Limit, "nothing of the run is left");

        if (signal != "KILL") Assert.True(run.ExitCode == 0, run.Output);
        var stopped = Stored.Sequences(run);
        await using var next = AppHostRun.StartAfter(run, "--window", "1", "demo:");
        await Until.TrueAsync(() => Stored.Logged(next).Count >= stopped.Count + 2, Limit);
        await next.InterruptAsync();
        var kept = Stored.Sequences(next);
        Assert.Equal(Enumerable.Range(0, kept.Count).Select(number => (long)number), kept);
        Assert.Superset(stopped.ToHashSet(), kept.ToHashSet());
    }
}
