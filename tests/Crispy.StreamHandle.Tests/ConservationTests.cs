using System.Globalization;
using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

public sealed class ConservationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_law_holds_after_every_step_no_matter_what_fails()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CRISPY_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var given) ? given : Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"CRISPY_TEST_SEED={seed}");
        var random = new Random(seed);
        using var model = new SpoolModel(await Clips.MakeAsync(_folder["clip.mkv"], seconds: 1));
        var workers = new List<IEnumerator<bool>>();
        var done = new List<string>();
        for (var step = 0; step < 250; step++)
        {
            done.Add(Step(model, workers, random));
            AssertLaw(model, $"seed {seed}, step {step}: {done[^1]}");
        }
        Assert.True(done.Distinct().Count() > 8, $"seed {seed}: only {string.Join(", ", done.Distinct())}");

        while (workers.Count > 0) Advance(workers, random);
        Settle(model);
        AssertLaw(model, $"seed {seed}, at the end");
        AssertEachChunkIsInOnePlace(model, $"seed {seed}");
    }

    [Fact]
    public async Task A_lost_chunk_keeps_its_place_in_the_hash_chain()
    {
        using var model = new SpoolModel(await Clips.MakeAsync(_folder["clip.mkv"], seconds: 1));
        model.Capture(2);
        model.Capture(1, usable: false);
        model.Capture(1, dropped: LossReason.DroppedNewest);
        model.Capture(2);
        var manifests = model.Spool.ReadyManifests("gate").Select(path => SignedManifest.Read(path).ManifestBytes)
            .ToDictionary(bytes => ManifestJson.Read(bytes).Sequence);
        model.DropOldest(1);
        var losses = model.Spool.ReadyLosses("gate").Select(path => SpooledLoss.Read(path)!).ToDictionary(loss => loss.Record.Sequence);

        Assert.Equal([0, 2, 3], losses.Keys.Order());
        Assert.Equal((LossReason.DroppedOldest, LossReason.Unusable, LossReason.DroppedNewest),
            (losses[0].Record.Reason, losses[2].Record.Reason, losses[3].Record.Reason));
        string? previous = null;
        for (var sequence = 0L; sequence < 6; sequence++)
        {
            var lost = losses.GetValueOrDefault(sequence);
            Assert.Equal(previous, lost is null ? ManifestJson.Read(manifests[sequence]).Previous : lost.Record.Previous);
            previous = lost is null ? Hash(manifests[sequence]) : lost.Record.Manifest?.Sha256 ?? Hash(lost.Bytes);
        }
        Assert.Equal((6, 3, 3, 0), (model.Law.Captured, model.Law.Spooled, model.Law.Lost, model.Law.Balance));
        Assert.Equal(3, model.Journal.GapsOrNone.Count);
    }

    [Fact]
    public async Task A_chunk_that_a_worker_is_reading_is_not_dropped()
    {
        using var model = new SpoolModel(await Clips.MakeAsync(_folder["clip.mkv"], seconds: 1));
        model.Capture(2);
        var first = model.Spool.ReadyFiles(SpoolModel.Id(model.Chunks[0]), "mkv");
        await using (new FileStream(first.Chunk, new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 }))
            model.DropOldest(1);
        Assert.True(File.Exists(first.Manifest));
        Assert.Equal([1L], model.Journal.LostOrNone.Numbers());
        model.DropOldest(1);
        Assert.Equal([0L, 1L], model.Journal.LostOrNone.Numbers());
        Assert.Empty(Directory.EnumerateFiles(model.Spool.Ready("gate"), "*.mkv"));
    }

    [Fact]
    public async Task A_file_that_somebody_takes_out_of_the_spool_shows()
    {
        using var model = new SpoolModel(await Clips.MakeAsync(_folder["clip.mkv"], seconds: 1));
        model.Capture(3);
        File.Delete(model.Spool.ReadyManifests("gate").First());
        Assert.Equal(1, model.Law.Balance);
    }

    private static string Step(SpoolModel model, List<IEnumerator<bool>> workers, Random random)
    {
        switch (random.Next(14))
        {
            case 0:
                model.Capture(random.Next(1, 4));
                return "capture";
            case 1:
                model.Capture(1, usable: false);
                return "capture an empty segment";
            case 2:
                model.Capture(1, dropped: LossReason.DroppedNewest);
                return "drop the newest";
            case 3:
                model.DropOldest(random.Next(1, 100_000));
                return "drop the oldest";
            case 4:
                model.Start();
                return "restart";
            case 5:
                model.CountStored();
                return "count";
            case 6:
                model.UploadLosses();
                return "upload losses";
            case 7 when workers.Count > 0:
                workers.RemoveAt(random.Next(workers.Count));
                return "kill a worker";
            case 8 when model.Chunks.Count > 0:
                model.BreakOffDrop(model.Chunks[random.Next(model.Chunks.Count)], afterVideo: random.Next(2) == 0);
                return "crash in a drop";
            case 9:
                model.Discard();
                return "discard";
            case 10:
                model.BreakOffDiscard(random.Next(1, 4));
                return "crash in a discard";
            case 11 or 12 when workers.Count > 0:
                Advance(workers, random);
                return "advance a worker";
            default:
                if (model.Chunks.Count == 0) return "nothing";
                workers.Add(model.Worker(model.Chunks[random.Next(model.Chunks.Count)]));
                Advance(workers, random);
                return "deliver a message, perhaps once more";
        }
    }

    private static void Advance(List<IEnumerator<bool>> workers, Random random)
    {
        var index = random.Next(workers.Count);
        if (!workers[index].MoveNext()) workers.RemoveAt(index);
    }

    // Every message is delivered once more, to its end.
    private static void Settle(SpoolModel model)
    {
        model.Start();
        model.UploadLosses();
        foreach (var manifest in model.Chunks)
            for (var worker = model.Worker(manifest); worker.MoveNext();) { }
        model.CountStored();
    }

    private static void AssertLaw(SpoolModel model, string when)
    {
        var law = model.Law;
        Assert.True(law.Balance == 0, $"{when}: {law}");
        Assert.True(law.Captured == model.Captured, $"{when}: {model.Captured} captured, {law}");
    }

    private static void AssertEachChunkIsInOnePlace(SpoolModel model, string when)
    {
        var dead = SpoolCount.Sequences(model.Spool.DeadManifests("gate")).ToHashSet();
        foreach (var manifest in model.Chunks)
        {
            var (stored, lost, buried) = (model.Bucket.Contains(manifest.Object), model.Bucket.Contains(SpoolModel.LossName(manifest)),
                dead.Contains(manifest.Sequence));
            Assert.True((stored ? 1 : 0) + (lost ? 1 : 0) + (buried ? 1 : 0) == 1,
                $"{when}: {manifest.Chunk} stored {stored}, lost {lost}, dead {buried}");
        }
        var law = model.Law;
        Assert.Equal((0, dead.Count), (law.Spooled, law.Dead));
        Assert.Equal(model.Bucket.Count(name => ObjectName.TryParse(name, out _)), law.Stored);
        Assert.Equal(model.Bucket.Count(name => LossObjectName.TryParse(name, out _)), law.Lost);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
