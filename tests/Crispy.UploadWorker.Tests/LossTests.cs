using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.Testing;

namespace Crispy.UploadWorker.Tests;

public sealed class LossTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task A_loss_record_becomes_a_small_json_object_and_leaves_the_spool()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var loss = TestLoss.Write(rig.Spool, rig.Chunk(3));
        await ChunkStates.MoveAsync(rig.Redis, new(loss.Id, ChunkState.Dead, loss.Record.To));
        await rig.PublishAsync(loss.Bytes, loss.Properties);
        await rig.PublishAsync(loss.Bytes, loss.Properties);
        await rig.StartWorkerAsync();

        await Until.TrueAsync(() => rig.Bucket.Objects.ContainsKey(loss.Record.Object) && !File.Exists(loss.Files.Record)
            && !File.Exists(loss.Files.Signature));
        await Until.TrueAsync(async () => await rig.CountAsync(rig.Queue) == 0);
        var stored = Assert.Single(rig.Bucket.Objects).Value;
        Assert.Equal(loss.Bytes, stored.Bytes);
        Assert.Equal((string?)stored.Resource["metadata"]!["crispy-from"], (string?)stored.Resource["customTime"]);
        var metadata = stored.Resource["metadata"]!;
        Assert.Equal("application/json", (string?)stored.Resource["contentType"]);
        Assert.Equal((loss.Record.Chunk, LossReason.DroppedOldest, loss.Signature),
            ((string?)metadata[LossMetadata.Loss], (string?)metadata[LossMetadata.Reason], (string?)metadata[ChunkMetadata.Signature]));
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, loss.Id) == "lost");
        Assert.Equal((0, 0), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
    }

    [Theory]
    [InlineData("claimed")]
    [InlineData("ready")]
    [InlineData("stored")]
    public async Task A_chunk_that_was_declared_lost_is_no_dead_letter_wherever_its_record_is(string record)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        var loss = TestLoss.Write(rig.Spool, chunk);
        File.Delete(chunk.Files.Chunk);
        Directory.CreateDirectory(rig.Spool.Lost(rig.Stream));
        if (record == "claimed") File.Move(chunk.Files.Manifest, rig.Spool.LostManifest(chunk.Id));
        else File.Delete(chunk.Files.Manifest);
        if (record != "ready") File.Delete(loss.Files.Record);
        if (record == "stored") rig.Bucket.Put(loss.Record.Object, loss.Bytes);
        await rig.PublishAsync(chunk);
        var next = rig.Chunk(1);
        await rig.PublishAsync(next);
        var worker = await rig.StartWorkerAsync();

        await rig.StoredAsync(next);
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
        Assert.False(Directory.Exists(rig.Spool.Dead(rig.Stream)));
        Assert.False(rig.Bucket.Objects.ContainsKey(chunk.Manifest.Object));
    }

    [Fact]
    public async Task A_declaration_is_taken_back_when_the_bucket_holds_the_chunk()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        rig.Bucket.Put(chunk.Manifest.Object, chunk.Bytes);
        var loss = TestLoss.Write(rig.Spool, chunk);
        await rig.PublishAsync(loss.Bytes, loss.Properties);
        await rig.StartWorkerAsync();

        await Until.TrueAsync(() => !File.Exists(loss.Files.Record) && !File.Exists(loss.Files.Signature));
        Assert.Equal([chunk.Manifest.Object], rig.Bucket.Objects.Keys);
        Assert.Equal([rig.Spool.StoredManifest(chunk.Id)], rig.Spool.StoredManifests(rig.Stream));
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
    }

    [Fact]
    public async Task A_loss_record_whose_name_is_taken_by_other_bytes_is_a_dead_letter_and_nothing_is_overwritten()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var loss = TestLoss.Write(rig.Spool, rig.Chunk(0));
        var other = rig.Bucket.Put(loss.Record.Object, "other"u8.ToArray());
        await rig.PublishAsync(loss.Bytes, loss.Properties);
        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(loss.Properties.MessageId!);
        Assert.Equal(loss.Bytes, letter.Body.ToArray());
        await Until.TrueAsync(() => File.Exists(LossFiles.In(rig.Spool.Dead(rig.Stream), loss.Id).Record));
        Assert.Same(other, rig.Bucket.Objects[loss.Record.Object]);
    }

    [Fact]
    public async Task A_stored_chunk_leaves_its_manifest_for_the_count_and_nothing_else()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(5);
        await rig.PublishAsync(chunk);
        await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Equal([rig.Spool.StoredManifest(chunk.Id)], rig.Spool.StoredManifests(rig.Stream));
        Assert.Equal(chunk.ManifestBytes, SignedManifest.Read(rig.Spool.StoredManifest(chunk.Id)).ManifestBytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(rig.Spool.Ready(rig.Stream)));
    }
}
