using Crispy.Contracts;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

public sealed class RestartTests(Servers servers)
{
    private static Dictionary<string, string> Demo(string id = "gate", string window = "1") =>
        new() { ["Id"] = id, ["Url"] = "demo:?size=160x120&fps=25", ["Window"] = window, ["Mode"] = "transcode", ["Container"] = "mkv" };

    [Fact]
    public async Task A_stopped_stream_closes_its_chunk_as_final_and_goes_on_with_sequence_and_chain_after_a_restart()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo()).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "two chunks");
        await handle.StopAsync();

        var first = handle.Ready("gate");
        ReadyChunk.AssertWhole(first);
        Assert.Contains(ChunkFlag.Final, first[^1].Manifest.Flags);
        Assert.All(first.SkipLast(1), chunk => Assert.DoesNotContain(ChunkFlag.Final, chunk.Manifest.Flags));
        Assert.Single(first.Select(chunk => chunk.Manifest.Epoch).Distinct());

        // Workers have taken everything away: only the journal still knows.
        var kept = first[^1];
        foreach (var file in Directory.EnumerateFiles(handle.Spool.Ready("gate")).ToList()) File.Delete(file);
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 1, "a chunk after the restart");
        await handle.StopAsync();

        var second = handle.Ready("gate");
        ReadyChunk.AssertWhole(second, first.Count);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept.ManifestBytes)),
            second[0].Manifest.Previous);
        Assert.NotEqual(first[0].Manifest.Epoch, second[0].Manifest.Epoch);
        Assert.Contains(ChunkFlag.Discontinuity, second[0].Manifest.Flags);
    }

    [Fact]
    public async Task A_killed_stream_handle_takes_its_ffmpeg_with_it_and_loses_no_closed_segment()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo()).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "two chunks");
        var ffmpegs = await ChildrenAsync(handle.ProcessId);
        Assert.NotEmpty(ffmpegs);
        await handle.KillAsync();
        await Until.TrueAsync(() => !ffmpegs.Any(IsAlive), what: "ffmpeg has ended");
        await handle.EndAsync();

        // As if it had been killed just after ffmpeg closed the next segment: a whole file that is in no list.
        var before = handle.Ready("gate");
        var open = Directory.GetDirectories(handle.Spool.Open("gate")).Single();
        File.Copy(before[^1].Path, Path.Combine(open, "00000900.mkv"));
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= before.Count + 3, "recovered and new chunks");
        await handle.StopAsync();

        // Of the segment that was being written there is what could be saved of it, or the record of its loss.
        var (after, lost) = (handle.Ready("gate"), handle.Losses("gate"));
        ReadyChunk.AssertWhole(after, losses: lost);
        Assert.True(lost.Count == 0 || lost.Single().Record is { Reason: LossReason.Incomplete, Frames: null });
        var recovered =
            after.First(chunk => chunk.Manifest.Sequence >= before.Count && chunk.Manifest.Sha256 == before[^1].Manifest.Sha256);
        Assert.True(recovered.Manifest.From >= before[^1].Manifest.To, "what is recovered follows on from the last chunk");
    }

    [Fact]
    public async Task A_crash_between_any_two_steps_of_spooling_loses_no_chunk_and_uses_no_number_twice()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo()).StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 3, "three chunks");
        await handle.StopAsync();
        var before = handle.Ready("gate");

        // Between steps 2 and 3: the journal knows the last manifest, which has not yet its name.
        var last = Path.ChangeExtension(before[^1].Path, ".json");
        File.Move(last, last + ".pending");
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks > before.Count, "a new chunk");
        await handle.StopAsync();
        var finished = handle.Ready("gate");
        ReadyChunk.AssertWhole(finished);

        // Before step 1 was complete: the chunk lies in ready/ without a manifest, and the journal knows nothing of it.
        var orphan = Path.Combine(handle.Spool.Ready("gate"), $"20260101T000000000Z-{ChunkId.Digits(finished.Count)}.mkv");
        File.Copy(finished[^1].Path, orphan);
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks > finished.Count + 1, "a new chunk");
        await handle.StopAsync();
        var all = handle.Ready("gate");
        ReadyChunk.AssertWhole(all);
        Assert.Equal(finished[^1].Manifest.Sha256, all[finished.Count].Manifest.Sha256);
    }

    [Fact]
    public async Task A_segment_that_holds_nothing_usable_after_a_crash_is_declared_lost_and_kept_for_a_look()
    {
        await using var handle = new RunningStreamHandle(servers, Demo());
        var run = Directory.CreateDirectory(Path.Combine(handle.Spool.Open("gate"), "20260101T000000000Z")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(run, "00000000.mkv"), new byte[1000]);
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "a chunk after the loss");
        var report = await handle.StreamAsync("gate");
        await handle.StopAsync();

        var loss = handle.Losses("gate").Single();
        Assert.Equal((0L, LossReason.Incomplete, 1000L, null),
            (loss.Record.Sequence, loss.Record.Reason, loss.Record.Bytes, loss.Record.Frames));
        Assert.Equal(SignatureState.Verified, handle.Verifier.Check(loss.Bytes, loss.Signature));
        ReadyChunk.AssertWhole(handle.Ready("gate"), losses: [loss]);
        Assert.Equal((1, 0L), (report.Lost, report.Law?.Balance));
        Assert.Equal(1000, new FileInfo(Directory.EnumerateFiles(handle.Spool.Lost("gate"), "*.mkv").Single()).Length);
        Assert.False(Directory.Exists(run));
    }

    private static async Task<int[]> ChildrenAsync(int process) =>
        [.. (await Command.TryAsync("pgrep", ["-P", $"{process}"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(int.Parse)];

    private static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
