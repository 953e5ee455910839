using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Testing;

namespace Crispy.Spool.Tests;

/// <summary>What a stream's stream-handle did not number and sign counts nowhere, and no transition is made on anybody's word but the
/// spool's and the bucket's.</summary>
public sealed class StreamSpoolTests : IDisposable
{
    private const string Stream = "gate";

    private readonly TempFolder _folder = new();
    private readonly ManifestSigner _signer = new(SigningKey.NewPrivatePem());
    private readonly ManifestSigner _foreign = new(SigningKey.NewPrivatePem());
    private readonly ManifestVerifier _verifier;
    private readonly SpoolLayout _layout;
    private readonly List<QuarantinedFile> _quarantined = [];
    private StreamSpool _spool;
    private StreamJournal _journal = new();

    public StreamSpoolTests()
    {
        _verifier = new(_signer.PublicPem);
        _layout = new(_folder["spool"]);
        _spool = Start();
    }

    public void Dispose()
    {
        _verifier.Dispose();
        _signer.Dispose();
        _foreign.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("dead")]
    [InlineData("stored")]
    [InlineData("ready")]
    public void A_number_that_was_never_given_is_set_aside_and_counts_nowhere(string folder)
    {
        Capture(3);
        Put(folder, Manifest(90_000_000), _foreign);

        _spool = Start();

        Assert.Equal(new Conservation(3, 0, 3, 0, 0), _spool.Law);
        Assert.Equal(3, _spool.Journal.NextSequence);
        var aside = Assert.Single(_quarantined);
        Assert.Contains($"quarantine/{folder}/", aside.File, StringComparison.Ordinal);
        Assert.Equal(aside.File, Assert.Single(_spool.Foreign).File);
        Capture(1);
        Assert.Equal(4, _spool.Law!.Value.Captured);
    }

    [Theory]
    [InlineData("dead", "foreign")]
    [InlineData("dead", "changed")]
    [InlineData("dead", "another")]
    [InlineData("stored", "foreign")]
    [InlineData("stored", "changed")]
    [InlineData("stored", "another")]
    [InlineData("stored", "garbage")]
    public void What_is_not_signed_by_us_is_set_aside_while_the_stream_runs(string folder, string how)
    {
        var chunk = Capture(3)[1];
        var path = Path.Combine(_layout.Stream(Stream), folder, Path.GetFileName(_spool.ReadyManifest(chunk)));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = ManifestJson.Write(chunk);
        File.WriteAllBytes(path, how switch
        {
            "foreign" => SignedManifest.Write(bytes, _foreign.Sign(bytes)),
            "changed" => SignedManifest.Write(ManifestJson.Write(chunk with { Frames = 1 }), _signer.Sign(bytes)),
            "another" => File.ReadAllBytes(_spool.ReadyManifest(Manifest(2))),
            _ => [1, 2, 3],
        });

        _spool.CountStored();

        Assert.Equal(new Conservation(3, 0, 3, 0, 0), _spool.Law);
        Assert.Single(_quarantined);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_chunk_that_was_never_captured_is_neither_discarded_nor_replayed()
    {
        Capture(1);
        var ghost = Manifest(90_000_000);
        Put("dead", ghost, _foreign);
        ChunkId id = new(Stream, ghost.Epoch, ghost.Sequence);

        Assert.Contains("never given", Assert.Throws<SpoolRefusedException>(() => _spool.Discard(id, null)).Message,
            StringComparison.Ordinal);
        Assert.Contains("never given", Assert.Throws<SpoolRefusedException>(() => _spool.TakeBack(id)).Message, StringComparison.Ordinal);
        Assert.Empty(_layout.ReadyLosses(Stream));
        Assert.Equal(SequenceSet.Empty.Numbers(), _spool.Journal.LostOrNone.Numbers());
    }

    [Fact]
    public void What_an_earlier_key_signed_returns_from_quarantine_once_that_key_is_known()
    {
        var chunk = Capture(2)[0];
        Bury(chunk);
        using var other = new ManifestVerifier(_foreign.PublicPem);

        var spool = Start(other);
        Assert.Equal((0, 1), (spool.Law!.Value.Dead, spool.Foreign.Count));
        Assert.Equal(1, spool.Law.Value.Balance);
        _spool = Start();

        Assert.Equal(new Conservation(2, 0, 1, 1, 0), _spool.Law);
        Assert.Empty(_spool.Foreign);
        Assert.NotNull(_spool.TakeBack(new(Stream, chunk.Epoch, chunk.Sequence)));
        Assert.Equal(new Conservation(2, 0, 2, 0, 0), _spool.Law);
    }

    [Fact]
    public void A_lost_journal_is_made_again_from_our_own_chunks_alone()
    {
        Capture(3);
        Put("dead", Manifest(90_000_000), _foreign);
        File.Delete(_layout.Journal(Stream));

        _spool = Start();

        Assert.Equal(3, _spool.Journal.NextSequence);
        Assert.Equal(0, _spool.Law!.Value.Balance);
    }

    [Fact]
    public void A_batch_whose_numbers_were_given_meanwhile_is_refused()
    {
        var batch = Batch(1, out _);
        Capture(1);
        Assert.Throws<InvalidOperationException>(() => _spool.Store(batch));
        Assert.Equal(1, _spool.Law!.Value.Captured);
    }

    [Fact]
    public void A_chunk_is_removed_for_its_own_object_and_checksum_alone()
    {
        var chunk = Capture(1)[0];
        var worker = new UploadSpool(_layout.Root, TimeProvider.System);
        var held = worker.Find(new(Stream, chunk.Epoch, chunk.Sequence))!;

        Assert.Throws<InvalidOperationException>(() =>
            worker.MarkStored(held, chunk.Object.Replace("gate", "door", StringComparison.Ordinal), chunk.Crc32c));
        Assert.Throws<InvalidOperationException>(() => worker.MarkStored(held, chunk.Object, "AAAAAA=="));
        Assert.Equal(new Conservation(1, 0, 1, 0, 0), _spool.Law);

        worker.MarkStored(held, chunk.Object, chunk.Crc32c);
        worker.MarkStored(held, chunk.Object, chunk.Crc32c); // another worker's redelivery
        _spool.CountStored();
        Assert.Equal(new Conservation(1, 1, 0, 0, 0), _spool.Law);
        Assert.Empty(Directory.EnumerateFiles(_layout.Ready(Stream)));
    }

    [Fact]
    public void A_loss_is_taken_back_for_the_chunk_that_was_lost_alone_and_counts_as_stored()
    {
        var chunk = Capture(1)[0];
        var loss = Assert.Single(_spool.DropOldest(1).Losses);
        var worker = new UploadSpool(_layout.Root, TimeProvider.System);
        Assert.Equal(new Conservation(1, 0, 0, 0, 1), _spool.Law);

        Assert.Throws<InvalidOperationException>(() => worker.TakeLossBack(loss, chunk.Object, "AAAAAA=="));
        Assert.Throws<InvalidOperationException>(() => worker.MarkLossStored(loss, loss.Record.Object, chunk.Crc32c));
        worker.TakeLossBack(loss, chunk.Object, chunk.Crc32c);

        Assert.Equal(new Conservation(1, 1, 0, 0, 0), _spool.Law);
        _spool.CountStored();
        Assert.Equal(new Conservation(1, 1, 0, 0, 0), _spool.Law);
        Assert.Empty(_layout.ReadyLosses(Stream));
    }

    [Fact]
    public void Numbers_go_on_past_eight_digits()
    {
        Directory.CreateDirectory(_layout.Stream(Stream));
        new StreamJournal { NextSequence = 99_999_999, Stored = SequenceSet.Of([(0, 99_999_998)]) }.Write(_layout.Journal(Stream));
        _spool = Start();
        var chunks = Capture(3);
        var worker = new UploadSpool(_layout.Root, TimeProvider.System);

        Assert.Equal(["99999999", "100000000", "100000001"],
            _layout.ReadyManifests(Stream).Select(path => Path.GetFileNameWithoutExtension(path).Split('-')[1]));
        foreach (var chunk in chunks.Take(2))
            worker.MarkStored(worker.Find(new(Stream, chunk.Epoch, chunk.Sequence))!, chunk.Object, chunk.Crc32c);
        Bury(chunks[2]);

        _spool = Start();
        _spool.CountStored();
        Assert.Equal(new Conservation(100_000_002, 100_000_001, 0, 1, 0), _spool.Law);
    }

    private StreamSpool Start(ManifestVerifier? verifier = null)
    {
        var spool = new StreamSpool(Stream, ChunkContainer.Matroska, _layout, _signer, verifier ?? _verifier,
            TimeProvider.System) { Quarantined = _quarantined.Add };
        spool.Recover();
        _journal = spool.Journal;
        return spool;
    }

    private List<ChunkManifest> Capture(int count)
    {
        _spool.Store(Batch(count, out var manifests));
        _journal = _spool.Journal;
        return manifests;
    }

    private SegmentBatch Batch(int count, out List<ChunkManifest> manifests)
    {
        var (after, segments) = (_journal, new List<SegmentToStore>());
        manifests = [];
        var folder = _spool.Open.Begin("run");
        for (; count > 0; count--)
        {
            var manifest = Manifest(after.NextSequence) with { Previous = after.Previous };
            var bytes = ManifestJson.Write(manifest);
            var path = Path.Combine(folder, $"{manifest.Sequence}.mkv");
            File.WriteAllBytes(path, Video(manifest.Sequence));
            segments.Add(SegmentToStore.Chunk(path, manifest, bytes, _signer.Sign(bytes), () => null));
            manifests.Add(manifest);
            after = after.After(manifest, bytes);
        }
        return new(_journal, after, segments, []);
    }

    private void Put(string folder, ChunkManifest manifest, ManifestSigner signer)
    {
        var bytes = ManifestJson.Write(manifest);
        var files = ChunkFiles.In(Directory.CreateDirectory(Path.Combine(_layout.Stream(Stream), folder)).FullName,
            new(Stream, manifest.Epoch, manifest.Sequence), "mkv");
        File.WriteAllBytes(files.Chunk, Video(manifest.Sequence));
        File.WriteAllBytes(files.Manifest, SignedManifest.Write(bytes, signer.Sign(bytes)));
    }

    private void Bury(ChunkManifest chunk)
    {
        var worker = new UploadSpool(_layout.Root, TimeProvider.System);
        Assert.True(worker.Bury(worker.Find(new(Stream, chunk.Epoch, chunk.Sequence))!, DeadReason.Damaged, "it is broken"));
    }

    private static byte[] Video(long sequence) => BitConverter.GetBytes(sequence);

    private static ChunkManifest Manifest(long sequence)
    {
        var start = new DateTimeOffset(2026, 11, 22, 17, 8, 44, 123, TimeSpan.Zero);
        var from = start.AddMilliseconds(sequence);
        var id = new ChunkId(Stream, Epoch.Name(start), sequence);
        return new()
        {
            Chunk = id.ToString(), Stream = Stream, Epoch = id.Epoch, Sequence = sequence,
            Object = new ObjectName(Stream, from, sequence, ChunkContainer.Matroska).ToString(),
            From = from, To = from.AddSeconds(3), Duration = TimeSpan.FromSeconds(3), Frames = 90, Keyframes = 2, Fps = 30, Width = 1920,
            Height = 1080, Channels = 3, Codec = "h264",
            Container = ChunkContainer.Matroska, Size = 8, Sha256 = Convert.ToHexStringLower(SHA256.HashData(Video(sequence))),
            Crc32c = Crc32C.Of(Video(sequence)),
            Clock = new(ChunkClock.Arrival),
        };
    }
}
