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
            ("upload-worker", "Crispy.UploadWorker"), ("chunk-logger", "Crispy.ChunkLogger"), ("bucket", "Crispy.CloudEmulator"),
            ("console", "Crispy.Console"),
            ("redis", "redis-server"), ("rabbitmq", "beam.smp"), ("rabbitmq-epmd", "epmd"), ("stream-handle", "Crispy.StreamHandle"),
        })
        {
            await Until.TrueAsync(() => run.Processes(program).Count > 0, Limit, $"{program} runs");
            var killed = run.Processes(program)[0];
            await Command.RunAsync("kill", "-s", "KILL", $"{killed}");
            await Until.TrueAsync(() =>
                run.Output.Contains($"crispy: {resource} was killed; it is started again", StringComparison.Ordinal), Limit,
                $"{resource} is told of");
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

    [Fact]
    public async Task However_the_AppHost_ends_it_leaves_no_process_behind_and_loses_nothing()
    {
        await using var first = AppHostRun.Start("--window", "1", "demo:");
        await EndAsync(first, "INT", after: []);
        await using var second = AppHostRun.StartAfter(first, "--window", "1", "demo:");
        await EndAsync(second, "TERM", after: Stored.Sequences(first));
        await using var third = AppHostRun.StartAfter(second, "--window", "1", "demo:");
        await EndAsync(third, "KILL", after: Stored.Sequences(second));
        await using var fourth = AppHostRun.StartAfter(third, "--window", "1", "demo:");
        await EndAsync(fourth, "INT", after: Stored.Sequences(third));
        var kept = Stored.Sequences(fourth);
        Assert.Equal(Enumerable.Range(0, kept.Count).Select(number => (long)number), kept);
    }

    private static async Task EndAsync(AppHostRun run, string signal, IReadOnlyList<long> after)
    {
        await Until.TrueAsync(() => Stored.Logged(run).Count >= after.Count + 2, Limit, $"chunks are logged before {signal}");
        Assert.NotEmpty(run.Processes("Crispy.StreamHandle"));
        await Command.RunAsync("kill", "-s", signal, $"{run.ProcessId}");
        await run.WaitForExitAsync();
        await Until.TrueAsync(() => run.Processes().Count == 0, Limit, $"nothing of the run is left after {signal}");
        if (signal != "KILL") Assert.True(run.ExitCode == 0, run.Output);
        Assert.Superset(after.ToHashSet(), Stored.Sequences(run).ToHashSet());
    }
}
