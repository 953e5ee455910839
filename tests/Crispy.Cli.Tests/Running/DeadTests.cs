namespace Crispy.Cli.Tests.Running;

public sealed class DeadTests(RecordingSystem shared)
{
    [Fact]
    public async Task A_dead_chunk_is_listed_and_shown_and_replayed_in_vain()
    {
        var system = await shared.StartedAsync();
        var listed = await system.CrispyAsync("dead", "list", "--stream", "door");
        Assert.Equal((0, ""), (listed.ExitCode, listed.Error));
        Assert.Matches(@"(?m)^door/\w+/00000000 +\S+ \S+Z +[\d.]+ kB +damaged +yes +\S", listed.Output);
        var chunk = (string)(await system.JsonAsync("dead", "--stream", "door"))["items"]![0]!["chunk"]!;
        var shown = (await system.CrispyAsync("dead", "show", chunk)).Output;
        Assert.Matches("reason +damaged", shown);
        Assert.Matches(@"(?m)^file +can be read", shown);
        Assert.Matches(@"(?m)^video +h264, \d+x\d+, mkv *$", shown);
        Assert.Matches(@"(?m)^sha256 +not that of the manifest *$", shown);
        Assert.Matches(@"(?m)^signature +verified *$", shown);
        var probe = (await system.JsonAsync("dead", "show", chunk))["probe"]!;
        Assert.Equal((false, "aac", (long)probe["sizeExpected"]!),
            ((bool)probe["sha256Matches"]!, (string?)probe["audio"]!["codec"], (long)probe["size"]!));
        Assert.Equal("No dead chunks\n", (await system.CrispyAsync("dead", "--stream", "yard")).Output);

        // The file is still not what was recorded.
        Assert.Equal($"{chunk}: queued\n", (await system.CrispyAsync("dead", "replay", chunk)).Output);
        await Until.TrueAsync(async () => (int)(await system.JsonAsync("dead", "--stream", "door"))["total"]! == 1,
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Dead_chunks_are_given_up_with_a_reason_after_a_yes()
    {
        var system = await shared.StartedAsync();
        await system.KillAsync("shed");
        var asked = await system.CrispyAsync("dead", "discard", "--all", "--stream", "shed");
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("--yes", asked.Error, StringComparison.Ordinal);
        var given = await system.CrispyAsync("dead", "discard", "--all", "--stream", "shed", "--yes", "--reason", "the disk broke");
        Assert.Equal(0, given.ExitCode);
        Assert.Matches(@"^shed/\w+/00000000: lost, by a signed record\n$", given.Output);
        await Until.TrueAsync(async () =>
            (await system.CrispyAsync("chunks", "shed", "--from", "2026-11-20T14:03Z", "--to", "+12s", "--state", "lost")).Output.Contains(
                "discarded", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        Assert.Equal("No dead chunks\n", (await system.CrispyAsync("dead", "discard", "--all", "--stream", "shed")).Output);
    }

    [Fact]
    public async Task A_chunk_that_is_not_dead_is_told_apart_from_the_others()
    {
        var system = await shared.StartedAsync();
        const string other = "gate/20261120T140300000Z/00000099";
        var result = await system.CrispyAsync("dead", "replay", other);
        Assert.Equal((1, $"{other}: no dead chunk has this id\n"), (result.ExitCode, result.Output));
        Assert.Equal(1, (await system.CrispyAsync("dead", "show", other)).ExitCode);
    }
}
