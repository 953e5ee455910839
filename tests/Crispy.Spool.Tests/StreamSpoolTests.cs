using Crispy.Contracts;

namespace Crispy.Spool.Tests;

/// <summary>What a stream's stream-handle did not number and sign counts nowhere, and no transition is made on anybody's word but the
/// spool's and the bucket's.</summary>
public sealed class StreamSpoolTests : StreamOnDisk
{
    [Theory]
    [InlineData("dead")]
    [InlineData("stored")]
    [InlineData("ready")]
    public void A_number_that_was_never_given_is_set_aside_and_counts_nowhere(string folder)
    {
        Capture(3);
        Put(folder, Manifest(90_000_000), Foreign);

        Spool = Start();

        Assert.Equal(new Conservation(3, 0, 3, 0, 0), Spool.Law);
        Assert.Equal(3, Spool.Journal.NextSequence);
        var aside = Assert.Single(Quarantined);
        Assert.Contains($"quarantine/{folder}/", aside.File, StringComparison.Ordinal);
        Assert.Equal(aside.File, Assert.Single(Spool.Foreign).File);
        Capture(1);
        Assert.Equal(4, Spool.Law!.Value.Captured);
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
        var path = Path.Combine(Layout.Stream(Stream), folder, Path.GetFileName(Spool.ReadyManifest(chunk)));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = ManifestJson.Write(chunk);
        File.WriteAllBytes(path, how switch
        {
            "foreign" => SignedManifest.Write(bytes, Foreign.Sign(bytes)),
            "changed" => SignedManifest.Write(ManifestJson.Write(chunk with { Frames = 1 }), Signer.Sign(bytes)),
            "another" => File.ReadAllBytes(Spool.ReadyManifest(Manifest(2))),
            _ => [1, 2, 3],
        });

        Spool.CountStored();

        Assert.Equal(new Conservation(3, 0, 3, 0, 0), Spool.Law);
        Assert.Single(Quarantined);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_chunk_that_was_never_captured_is_neither_discarded_nor_replayed()
    {
        Capture(1);
        var ghost = Manifest(90_000_000);
        Put("dead", ghost, Foreign);

        Assert.Contains("never given", Assert.Throws<SpoolRefusedException>(() => Spool.Discard(Id(ghost), null)).Message,
            StringComparison.Ordinal);
        Assert.Contains("never given", Assert.Throws<SpoolRefusedException>(() => Spool.TakeBack(Id(ghost))).Message,
            StringComparison.Ordinal);
        Assert.Empty(Layout.ReadyLosses(Stream));
        Assert.Equal(SequenceSet.Empty.Numbers(), Spool.Journal.LostOrNone.Numbers());
    }

    [Fact]
    public void What_an_earlier_key_signed_returns_from_quarantine_once_that_key_is_known()
    {
        var chunk = Capture(2)[0];
        Bury(chunk);
        using var other = new ManifestVerifier(Foreign.PublicPem);

        var spool = Start(other);
        Assert.Equal((0, 1), (spool.Law!.Value.Dead, spool.Foreign.Count));
        Assert.Equal(1, spool.Law.Value.Balance);
        Spool = Start();

        Assert.Equal(new Conservation(2, 0, 1, 1, 0), Spool.Law);
        Assert.Empty(Spool.Foreign);
        Assert.NotNull(Spool.TakeBack(Id(chunk)));
        Assert.Equal(new Conservation(2, 0, 2, 0, 0), Spool.Law);
    }

    [Fact]
    public void A_lost_journal_is_made_again_from_our_own_chunks_alone()
    {
        Capture(3);
        Put("dead", Manifest(90_000_000), Foreign);
        File.Delete(Layout.Journal(Stream));

        Spool = Start();

        Assert.Equal(3, Spool.Journal.NextSequence);
        Assert.Equal(0, Spool.Law!.Value.Balance);
    }

    [Fact]
    public void A_batch_whose_numbers_were_given_meanwhile_is_refused()
    {
        var batch = Batch(1, out _);
        Capture(1);
        Assert.Throws<InvalidOperationException>(() => Spool.Store(batch));
        Assert.Equal(1, Spool.Law!.Value.Captured);
    }

    [Fact]
    public void A_chunk_is_removed_for_its_own_object_and_checksum_alone()
    {
        var chunk = Capture(1)[0];
        var held = Worker.Find(Id(chunk))!;

        Assert.Throws<InvalidOperationException>(() =>
            Worker.MarkStored(held, chunk.Object.Replace("gate", "door", StringComparison.Ordinal), chunk.Crc32c));
        Assert.Throws<InvalidOperationException>(() => Worker.MarkStored(held, chunk.Object, "AAAAAA=="));
        Assert.Equal(new Conservation(1, 0, 1, 0, 0), Spool.Law);

        Worker.MarkStored(held, chunk.Object, chunk.Crc32c);
        Worker.MarkStored(held, chunk.Object, chunk.Crc32c); // another worker's redelivery
        Spool.CountStored();
        Assert.Equal(new Conservation(1, 1, 0, 0, 0), Spool.Law);
        Assert.Empty(Directory.EnumerateFiles(Layout.Ready(Stream)));
    }

    [Fact]
    public void A_loss_is_taken_back_for_the_chunk_that_was_lost_alone_and_counts_as_stored()
    {
        var chunk = Capture(1)[0];
        var loss = Assert.Single(Spool.DropOldest(1).Losses);
        Assert.Equal(new Conservation(1, 0, 0, 0, 1), Spool.Law);

        Assert.Throws<InvalidOperationException>(() => Worker.TakeLossBack(loss, chunk.Object, "AAAAAA=="));
        Assert.Throws<InvalidOperationException>(() => Worker.MarkLossStored(loss, loss.Record.Object, chunk.Crc32c));
        Worker.TakeLossBack(loss, chunk.Object, chunk.Crc32c);

        Assert.Equal(new Conservation(1, 1, 0, 0, 0), Spool.Law);
        Spool.CountStored();
        Assert.Equal(new Conservation(1, 1, 0, 0, 0), Spool.Law);
        Assert.Empty(Layout.ReadyLosses(Stream));
    }

    [Fact]
    public void Numbers_go_on_past_eight_digits()
    {
        Directory.CreateDirectory(Layout.Stream(Stream));
        new StreamJournal { NextSequence = 99_999_999, Stored = SequenceSet.Of([(0, 99_999_998)]) }.Write(Layout.Journal(Stream));
        Spool = Start();
        var chunks = Capture(3);

        Assert.Equal(["99999999", "100000000", "100000001"],
            Layout.ReadyManifests(Stream).Select(path => Path.GetFileNameWithoutExtension(path).Split('-')[1]));
        foreach (var chunk in chunks.Take(2))
            Worker.MarkStored(Worker.Find(Id(chunk))!, chunk.Object, chunk.Crc32c);
        Bury(chunks[2]);

        Spool = Start();
        Spool.CountStored();
        Assert.Equal(new Conservation(100_000_002, 100_000_001, 0, 1, 0), Spool.Law);
    }
}
