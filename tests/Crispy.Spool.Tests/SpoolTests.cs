using Crispy.Contracts;
using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.Spool.Tests;

public sealed class SpoolTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private SpoolLayout Spool => new(_folder["spool"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_stream_id_leads_out_of_the_spool()
    {
        Assert.Throws<FormatException>(() => Spool.Ready(".."));
        Assert.Throws<FormatException>(() => Spool.Ready("a/../../b"));
        Assert.Throws<FormatException>(() => Spool.ReadyFiles(new("gate", "20261122T120001234Z", 0), "../x"));
    }

    [Fact]
    public void Ready_manifests_come_in_the_order_of_their_numbers_and_nothing_else_counts()
    {
        Directory.CreateDirectory(Spool.Ready("gate"));
        foreach (var id in new[] { new ChunkId("gate", "20261122T120001234Z", 10), new ChunkId("gate", "20261122T130001234Z", 9) })
        {
            File.WriteAllText(Spool.ReadyFiles(id, "mkv").Manifest, "{}");
            File.WriteAllText(Spool.ReadyFiles(id, "mkv").Chunk, "");
        }
        File.WriteAllText(Path.Combine(Spool.Ready("gate"), "20261122T120001234Z-00000010.reason.json"), "{}");
        File.WriteAllText(Path.Combine(Spool.Ready("gate"), "20261122T120001234Z-00000011.json.new"), "{}");

        Assert.Equal(["20261122T130001234Z-00000009.json", "20261122T120001234Z-00000010.json"],
            Spool.ReadyManifests("gate").Select(Path.GetFileName));
        Assert.Equal(["gate"], Spool.Streams());
    }

    [Fact]
    public void A_durable_write_replaces_the_whole_file_and_leaves_nothing_beside_it()
    {
        var path = _folder["journal"];
        DurableFile.Write(path, new byte[1000]);
        DurableFile.Write(path, "new"u8);
        DurableFile.SyncFolder(_folder.Path);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_loss_record_has_a_name_of_its_own_beside_the_chunk_and_reads_back()
    {
        var id = new ChunkId("gate", "20261122T120001234Z", 10);
        var (chunk, loss) = (Spool.ReadyFiles(id, "mkv"), Spool.ReadyLoss(id));
        Assert.Distinct([chunk.Chunk, chunk.Manifest, loss.Record, loss.Signature]);
        Directory.CreateDirectory(Spool.Ready("gate"));
        foreach (var path in new[] { chunk.Manifest, loss.Record, loss.Signature }) File.WriteAllText(path, "");
        Assert.Equal([loss.Record], Spool.ReadyLosses("gate"));
        Assert.Equal([chunk.Manifest], Spool.ReadyManifests("gate"));
        Assert.True(LossFiles.TryParseRecordName(loss.Record, out var epoch, out var sequence));
        Assert.Equal((id.Epoch, id.Sequence), (epoch, sequence));
        Assert.False(LossFiles.TryParseRecordName(loss.Signature, out _, out _));
        Assert.False(ChunkFiles.TryParseManifestName(loss.Record, out _, out _));
    }
}
