using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Tests;

public sealed class DiskTests(Servers servers)
{
    private static Dictionary<string, string> Demo(string id, string policy) => new()
    {
        ["Id"] = id, ["Url"] = "demo:?size=640x360&fps=25", ["Window"] = "0.5", ["Mode"] = "transcode", ["Crf"] = "4", ["OnFull"] = policy,
    };

    [Fact]
    public async Task The_oldest_chunks_go_when_the_budget_is_reached_and_each_leaves_a_signed_record()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo("gate", "dropOldest"))
            .With("Crispy__Spool__MaxBytes", $"{1 << 20}").StartAsync();
        await handle.UntilAsync("gate", stream => stream.Lost >= 3, "three losses");
        await handle.StopAsync();

        var losses = handle.Losses("gate");
        Assert.All(losses,
            loss => Assert.Equal((SignatureState.Verified, LossReason.DroppedOldest),
                (handle.Verifier.Check(loss.Bytes, loss.Signature), loss.Record.Reason)));
        Assert.Equal(losses.Select(loss => loss.Record.Sequence), Enumerable.Range(0, losses.Count).Select(number => (long)number));
        ReadyChunk.AssertWhole(handle.Ready("gate"), losses.Count);
        Assert.Equal(losses[^1].Record.Manifest!.Sha256, handle.Ready("gate")[0].Manifest.Previous);
        var spooled = Directory.EnumerateFiles(handle.Spool.Ready("gate"), "*.mkv").Sum(path => new FileInfo(path).Length);
        Assert.InRange(spooled, 1, 2 << 20);
        AssertBalanced(handle);
    }

    [Fact]
    public async Task What_is_new_goes_when_the_stream_says_so_and_what_is_spooled_stays()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo("gate", "dropNewest"))
            .With("Crispy__Spool__MaxBytes", $"{1 << 20}").StartAsync();
        await handle.UntilAsync("gate", stream => stream.Lost >= 3, "three losses");
        var report = await handle.StreamAsync("gate");
        Assert.Equal(0, report.Law!.Value.Balance);
        Assert.Contains(report.Gaps, gap => gap.Reason == LossReason.DroppedNewest);
        await handle.StopAsync();

        Assert.All(handle.Losses("gate"),
            loss => Assert.Equal((LossReason.DroppedNewest, null), (loss.Record.Reason, loss.Record.Manifest)));
        Assert.Equal(0, handle.Ready("gate")[0].Manifest.Sequence);
        AssertBalanced(handle);
    }

    [Fact]
    public async Task A_stream_stops_when_it_says_so_and_goes_on_by_itself_with_a_gap()
    {
        await using var handle = await new RunningStreamHandle(servers, Demo("gate", "stop"))
            .With("Crispy__Spool__MaxBytes", $"{1 << 20}").StartAsync();
        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Backoff, Error: not null }, "recording stopped");
        Assert.Contains("full", (await handle.StreamAsync("gate")).Error, StringComparison.Ordinal);
        var before = handle.Ready("gate");
        foreach (var file in Directory.EnumerateFiles(handle.Spool.Ready("gate")).ToList()) File.Delete(file);

        await handle.UntilAsync("gate", stream => stream.Captured.Chunks > before.Count, "recording goes on");
        var report = await handle.StreamAsync("gate");
        Assert.Equal(0, report.Lost);
        Assert.Contains(report.Gaps, gap => gap.Reason == "spoolFull" && gap.From == before[^1].Manifest.To && gap.To > gap.From);
    }

    [Fact]
    public async Task A_stream_within_its_share_loses_nothing_for_the_sake_of_another()
    {
        var small = Demo("small", "dropOldest");
        (small["Url"], small["Crf"]) = ("demo:?size=160x120&fps=5", "40");
        await using var handle = await new RunningStreamHandle(servers, Demo("large", "dropOldest"), small)
            .With("Crispy__Spool__MaxBytes", $"{1 << 20}").StartAsync();
        await handle.UntilAsync("large", stream => stream.Lost >= 4, "four losses of the large one");
        Assert.Equal(0, (await handle.StreamAsync("small")).Lost);
        Assert.True((await handle.StreamAsync("small")).Captured.Chunks > 0);
    }

    [Fact]
    public async Task A_disk_that_is_full_in_the_middle_of_everything_costs_nothing_that_is_spooled_and_recording_goes_on_by_itself()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 24);
        await using var handle = await new RunningStreamHandle(servers, Demo("gate", "dropNewest"))
            .With("Crispy__Spool__Path", disk.Path).With("Crispy__Spool__MinFreeBytes", "0").StartAsync();
        var spool = new SpoolLayout(disk.Path);
        // With each block that is left it is another write that finds no room: segment, signature, manifest, journal.
        foreach (var blocksLeft in (int[])[0, 1, 2, 3, 4, 6])
        {
            var captured = (await handle.StreamAsync("gate")).Captured.Chunks;
            await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= captured + 2, "chunks while there is room");
            var before = Hashes(spool);
            disk.Fill(blocksLeft);
            await handle.UntilAsync("gate", stream => stream.Error is not null, "the full disk shows");
            Assert.Superset(before, Hashes(spool));
            disk.Empty();
            captured = (await handle.StreamAsync("gate")).Captured.Chunks;
            await handle.UntilAsync("gate", stream => stream.State == StreamState.Running && stream.Error is null
                && stream.Captured.Chunks >= captured + 2, "recording goes on");
            Assert.Superset(before, Hashes(spool));
        }
        await handle.StopAsync();
        var chunks = spool.ReadyManifests("gate").Select(path => ReadyChunk.Read(path, handle.Verifier)).ToList();
        Assert.All(chunks, chunk => Assert.Equal(SignatureState.Verified, chunk.Signature));
        AssertBalanced(handle, spool);
    }

    [Fact]
    public async Task A_segment_that_a_crash_cut_off_is_saved_once_the_full_disk_has_room_again()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 16);
        await using var handle = new RunningStreamHandle(servers, Demo("gate", "dropNewest")).With("Crispy__Spool__Path", disk.Path)
            .With("Crispy__Spool__MinFreeBytes", "0");
        var spool = new SpoolLayout(disk.Path);
        var run = Directory.CreateDirectory(Path.Combine(spool.Open("gate"), "20260101T000000000Z")).FullName;
        using var folder = new TempFolder();
        var whole = await File.ReadAllBytesAsync(
            await Clips.MakeAsync(folder["clip.mkv"], seconds: 60, video: "libx264 -preset ultrafast -qp 20"));
        await File.WriteAllBytesAsync(Path.Combine(run, "00000000.mkv"), whole[..(whole.Length * 9 / 10)]);
        disk.Fill();
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Backoff, Error: not null }, "the full disk shows");
        Assert.Empty(Directory.EnumerateFiles(spool.Ready("gate")));

        disk.Empty();
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 2, "the saved segment and a new one");
        await handle.StopAsync();
        Assert.Empty(spool.ReadyLosses("gate"));
        var saved = ReadyChunk.Read(spool.ReadyManifests("gate").First(), handle.Verifier);
        Assert.Equal((0L, SignatureState.Verified), (saved.Manifest.Sequence, saved.Signature));
        Assert.Contains(ChunkFlag.Damaged, saved.Manifest.Flags);
        Assert.Equal(saved.Manifest.Frames, (await Ffprobe.PacketsAsync(saved.Path)).Count);
        AssertBalanced(handle, spool);
    }

    [Fact]
    public async Task Others_who_fill_the_disk_cost_nothing_that_waits_and_that_is_told_once()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 24);
        await using var handle = await new RunningStreamHandle(servers, Demo("gate", "dropOldest"))
            .With("Crispy__Spool__Path", disk.Path).With("Crispy__Spool__MinFreeBytes", $"{4 << 20}").StartAsync();
        var spool = new SpoolLayout(disk.Path);
        await handle.UntilAsync("gate", stream => stream.Captured.Chunks >= 3, "chunks while there is room");
        disk.Fill(blocksLeft: 512); // below the floor; without any room recording waits instead
        var waiting = Hashes(spool);
        await handle.UntilAsync("gate", stream => stream.Lost >= 3, "what is new is lost");
        Assert.Contains("full by others' files", await (await handle.HealthAsync()).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        disk.Empty();
        var captured = (await handle.StreamAsync("gate")).Captured.Chunks;
        await handle.UntilAsync("gate", stream => stream.State == StreamState.Running && stream.Error is null
            && stream.Captured.Chunks >= captured + 2, "recording goes on");
        await handle.StopAsync();
        Assert.Superset(waiting, Hashes(spool));
        // The segment that was being written then may be cut off.
        Assert.All(spool.ReadyLosses("gate").Select(path => SpooledLoss.Read(path)!.Record),
            loss => Assert.Contains(loss.Reason, (string[])[LossReason.DroppedNewest, LossReason.Incomplete]));
        Assert.Equal((1, 1), (Count(handle.Log, "is full by others' files"), Count(handle.Log, "has room again, others' files")));
        AssertBalanced(handle, spool);
    }

    private static int Count(string log, string words) => log.Split(words).Length - 1;

    private static HashSet<string> Hashes(SpoolLayout spool) => [.. spool.ReadyManifests("gate").Select(File.ReadAllText)];

    private static void AssertBalanced(RunningStreamHandle handle, SpoolLayout? spool = null)
    {
        var law = handle.LawOf("gate", spool);
        Assert.True(law is { Balance: 0, Captured: > 0 }, $"{law}\n{handle.Log}");
    }
}
