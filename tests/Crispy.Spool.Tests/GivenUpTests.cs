using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.Spool.Tests;

/// <summary>Chunks that are dropped, discarded, taken back or left to another owner: which files that moves, and what it writes.</summary>
public sealed class GivenUpTests : StreamOnDisk
{
    [Theory]
    [InlineData("seen enough", "seen enough")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_dead_chunk_that_is_discarded_leaves_a_signed_record_with_the_note_and_nothing_else(string? note, string? told)
    {
        var chunk = Capture(3)[1];
        Bury(chunk);

        var loss = Assert.Single(Spool.Discard(Id(chunk), note)!);

        Assert.Equal((LossReason.Discarded, told), (loss.Record.Reason, loss.Record.Note));
        AssertTakesThePlaceOf(chunk, loss);
        Assert.Equal(new Conservation(3, 0, 2, 0, 1), Spool.Law);
        Assert.Equal([], Files("dead", "lost"));
        Assert.Null(Spool.Discard(Id(chunk), note));
        Assert.Null(Spool.TakeBack(Id(chunk)));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(1000, 3)]
    public void No_more_of_the_oldest_chunks_are_dropped_than_room_is_wanted(long wanted, int dropped)
    {
        var chunks = Capture(3);

        var (losses, bytes) = Spool.DropOldest(wanted);

        Assert.Equal((dropped, 8L * dropped), (losses.Count, bytes));
        foreach (var (chunk, loss) in chunks.Zip(losses))
        {
            Assert.Equal((LossReason.DroppedOldest, null), (loss.Record.Reason, loss.Record.Note));
            AssertTakesThePlaceOf(chunk, loss);
        }
        Assert.Equal(new Conservation(3, 0, 3 - dropped, 0, dropped), Spool.Law);
        Assert.Equal(chunks.Skip(dropped).Select(chunk => $"{Path.GetFileNameWithoutExtension(Spool.ReadyManifest(chunk))}.mkv"),
            Files("ready", "lost").Where(name => name.EndsWith(".mkv", StringComparison.Ordinal)));
        Assert.Equal(dropped, Spool.Journal.GapsOrNone.Count);
    }

    [Fact]
    public void A_discard_that_broke_off_is_forgotten_or_finished_by_the_next_start()
    {
        var chunks = Capture(3);
        foreach (var chunk in chunks) Bury(chunk);
        Directory.CreateDirectory(Layout.Lost(Stream));
        // The first ended before its manifest was moved, the second behind that, the third before its reason was deleted.
        foreach (var chunk in chunks) File.WriteAllText(Note(chunk), "seen enough");
        foreach (var chunk in chunks.Skip(1)) File.Move(Dead(chunk).Manifest, Layout.LostManifest(Id(chunk)));
        File.Delete(Dead(chunks[2]).Chunk);

        Spool = Start();

        Assert.Equal(new Conservation(3, 0, 0, 1, 2), Spool.Law);
        Assert.Equal([1L, 2], Spool.Journal.LostOrNone.Numbers());
        Assert.All(Layout.ReadyLosses(Stream), path => Assert.Equal("seen enough", SpooledLoss.Read(path)!.Record.Note));
        Assert.Equal(Names(Dead(chunks[0]).Manifest, Dead(chunks[0]).Chunk, DeadReason.PathBeside(Dead(chunks[0]).Manifest)),
            Files("dead", "lost"));
    }

    [Fact]
    public void A_drop_that_broke_off_is_finished_and_one_whose_chunk_died_meanwhile_is_not()
    {
        var chunks = Capture(2);
        Bury(chunks[1]);
        Directory.CreateDirectory(Layout.Lost(Stream));
        File.Move(Spool.ReadyManifest(chunks[0]), Layout.LostManifest(Id(chunks[0])));
        File.Move(Dead(chunks[1]).Manifest, Layout.LostManifest(Id(chunks[1])));

        Spool = Start();

        Assert.Equal(new Conservation(2, 0, 0, 1, 1), Spool.Law);
        Assert.True(File.Exists(Dead(chunks[1]).Manifest));
        Assert.Equal(LossReason.DroppedOldest, SpooledLoss.Read(Layout.ReadyLosses(Stream).Single())!.Record.Reason);
    }

    [Fact]
    public void A_dead_chunk_is_taken_back_whole_and_not_where_its_file_is_missing_or_its_place_is_taken()
    {
        var chunk = Capture(1)[0];
        Bury(chunk);
        File.WriteAllBytes(Spool.ReadyManifest(chunk), []);
        Assert.Contains("a chunk of this id is ready", Refusal(() => Spool.TakeBack(Id(chunk))), StringComparison.Ordinal);
        Assert.Contains("a chunk of this id is ready", Refusal(() => Spool.Discard(Id(chunk), null)), StringComparison.Ordinal);
        File.Delete(Spool.ReadyManifest(chunk));
        File.Move(Dead(chunk).Chunk, Dead(chunk).Chunk + ".away");
        Assert.Contains("its file is missing", Refusal(() => Spool.TakeBack(Id(chunk))), StringComparison.Ordinal);
        File.Move(Dead(chunk).Chunk + ".away", Dead(chunk).Chunk);

        Assert.Equal(Spool.ReadyManifest(chunk), Spool.TakeBack(Id(chunk)));

        Assert.Equal([], Files("dead"));
        using var file = Worker.Open(Worker.Find(Id(chunk))!)!;
        Assert.Equal(chunk.Size, file.Length);
    }

    [Fact]
    public void Who_left_the_stream_to_another_changes_nothing_of_it()
    {
        var chunks = Capture(3);
        Bury(chunks[1]);
        Worker.MarkStored(Worker.Find(Id(chunks[2]))!, chunks[2].Object, chunks[2].Crc32c);
        var before = Files("ready", "dead", "stored", "lost");
        Spool.Retire();

        Assert.Null(Spool.Law);
        Assert.Null(Spool.Discard(Id(chunks[1]), null));
        Assert.Null(Spool.TakeBack(Id(chunks[1])));
        Assert.Equal(([], 0L), Spool.DropOldest(1));
        Assert.Equal(0, Spool.DropUnusable());
        Spool.CountStored();
        Assert.Equal(before, Files("ready", "dead", "stored", "lost"));
    }

    [Fact]
    public void Files_that_were_kept_for_a_look_go_when_room_is_needed_and_what_is_being_declared_stays()
    {
        Assert.Equal(0, Spool.DropUnusable());
        var chunk = Capture(1)[0];
        Directory.CreateDirectory(Layout.Lost(Stream));
        var (kept, claimed) = (Path.Combine(Layout.Lost(Stream), "kept.mkv"), Path.ChangeExtension(Layout.LostManifest(Id(chunk)), "mkv"));
        File.WriteAllBytes(kept, new byte[100]);
        File.WriteAllBytes(claimed, new byte[10]);
        File.WriteAllBytes(Layout.LostManifest(Id(chunk)), []);

        Assert.Equal(100, Spool.DropUnusable());
        Assert.Equal((false, true), (File.Exists(kept), File.Exists(claimed)));

        var empty = Path.Combine(Layout.Lost(Stream), "empty.segment");
        File.WriteAllBytes(empty, []);
        LossDeclaration.KeepUnusable(empty, ChunkContainer.Matroska);
        LossDeclaration.KeepUnusable(empty, ChunkContainer.Matroska);
        Assert.False(File.Exists(empty) || File.Exists(Path.ChangeExtension(empty, "mkv")));
    }

    [Fact]
    public void One_process_has_the_folder()
    {
        using (Spool.Lock())
            Assert.Contains("another process records stream 'gate'", Assert.Throws<InvalidOperationException>(() => Start().Lock()).Message,
                StringComparison.Ordinal);
        using var again = Start().Lock();
    }

    [Fact]
    public void A_stream_is_gone_once_nothing_of_it_is_left_but_its_journal()
    {
        Assert.True(Spool.IsEmpty);
        var chunks = Capture(3);
        Assert.False(Spool.IsEmpty);
        Worker.MarkStored(Worker.Find(Id(chunks[0]))!, chunks[0].Object, chunks[0].Crc32c);
        Bury(chunks[1]);
        var loss = Assert.Single(Spool.DropOldest(1).Losses);
        Assert.False(Spool.IsEmpty);
        Assert.NotNull(Spool.TakeBack(Id(chunks[1])));
        Worker.MarkStored(Worker.Find(Id(chunks[1]))!, chunks[1].Object, chunks[1].Crc32c);
        Spool.CountStored();
        Assert.False(Spool.IsEmpty);
        Worker.MarkLossStored(loss, loss.Record.Object, Crc32C.Of(loss.Bytes));
        Assert.True(Spool.IsEmpty);
        var segment = Path.Combine(Spool.Open.Begin("run"), "0000000000.mkv");
        File.WriteAllBytes(segment, [1]);
        Assert.False(Spool.IsEmpty);
    }

    [Fact]
    public void A_worker_finds_a_chunk_where_it_is_and_no_other_s()
    {
        var chunks = Capture(4);
        Bury(chunks[1]);
        Worker.MarkStored(Worker.Find(Id(chunks[2]))!, chunks[2].Object, chunks[2].Crc32c);
        Assert.Single(Spool.DropOldest(1).Losses);

        Assert.Equal([Whereabouts.Lost, Whereabouts.Dead, Whereabouts.Stored, Whereabouts.Unknown], chunks.Select(Where));
        Assert.Equal([Whereabouts.Unknown, Whereabouts.Unknown],
            chunks[1..3].Select(chunk => Worker.WhereIs(Id(chunk), ManifestJson.Write(chunk with { Frames = 1 }))));
        Assert.Equal([true, false, false, false], chunks.Select(chunk => Worker.IsDeclaredLost(Id(chunk))));
        Assert.Equal([null, DeadReason.Damaged, null, null], chunks.Select(chunk => Worker.ReasonDead(Id(chunk))?.Reason));
        File.Copy(Spool.ReadyManifest(chunks[3]), Spool.ReadyManifest(chunks[0]));
        Assert.Contains("is that of", Assert.Throws<FormatException>(() => Worker.Find(Id(chunks[0]))).Message, StringComparison.Ordinal);
        var last = Worker.Find(Id(chunks[3]))!;
        File.WriteAllBytes(Path.ChangeExtension(Spool.ReadyManifest(chunks[3]), "mkv"), [1]);
        Assert.Contains("has 1 bytes", Assert.Throws<ChunkDeadException>(() => Worker.Open(last)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_is_none_is_refused_by_name()
    {
        var path = Layout.Journal(Stream);
        Capture(1);
        foreach (var text in new[] { "{}", "null", "no", """{"schema":"crispy.journal/99"}""", """{"schema":"x","stored":[[1]]}""" })
        {
            File.WriteAllText(path, text);
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => Start()).Message, StringComparison.Ordinal);
        }
    }

    private static string Refusal(Func<object?> act) => Assert.Throws<SpoolRefusedException>(act).Message;

    private static IEnumerable<string> Names(params string[] paths) => paths.Select(path => Path.GetFileName(path)).Order();

    private ChunkFiles Dead(ChunkManifest chunk) => Layout.DeadFiles(Id(chunk), ChunkContainer.Matroska);

    private string Note(ChunkManifest chunk) => Path.ChangeExtension(Layout.LostManifest(Id(chunk)), ".discard");

    private Whereabouts Where(ChunkManifest chunk) => Worker.WhereIs(Id(chunk), ManifestJson.Write(chunk));

    private IEnumerable<string> Files(params string[] folders) => [.. folders.Select(name => Path.Combine(Layout.Stream(Stream), name))
        .Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Select(path => Path.GetFileName(path)).Order()];

    private void AssertTakesThePlaceOf(ChunkManifest chunk, SpooledLoss loss)
    {
        var record = loss.Record;
        var hash = Convert.ToHexStringLower(SHA256.HashData(ManifestJson.Write(chunk)));
        Assert.Equal((chunk.Chunk, chunk.Sequence, chunk.Epoch, chunk.From, chunk.To, chunk.Frames, chunk.Size, chunk.Previous),
            (record.Chunk, record.Sequence, record.Epoch, record.From, record.To, record.Frames, record.Bytes, record.Previous));
        Assert.Equal((hash, chunk.Object, chunk.Crc32c), (record.Manifest!.Sha256, record.Manifest.Object, record.Manifest.Crc32c));
        using var verifier = new ManifestVerifier(Signer.PublicPem);
        Assert.Equal(SignatureState.Verified, verifier.Check(loss.Bytes, loss.Signature));
        Assert.True(Spool.Journal.LostOrNone.Contains(chunk.Sequence));
    }
}
