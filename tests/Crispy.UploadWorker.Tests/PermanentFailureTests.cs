using System.Text;
using System.Text.Json;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Testing;
using RabbitMQ.Client;

namespace Crispy.UploadWorker.Tests;

public sealed class PermanentFailureTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task An_object_with_the_same_checksum_is_success()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        var there = rig.Bucket.Put(chunk.Manifest.Object, chunk.Bytes);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Same(there, rig.Bucket.Objects[chunk.Manifest.Object]);
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
    }

    [Fact]
    public async Task An_object_with_another_checksum_is_not_overwritten_and_the_chunk_is_dead()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        var other = rig.Bucket.Put(chunk.Manifest.Object, Encoding.ASCII.GetBytes("another"));

        await DeadAsync(rig, chunk, "exists with CRC32C");

        Assert.Same(other, rig.Bucket.Objects[chunk.Manifest.Object]);
    }

    [Fact]
    public async Task A_file_whose_bytes_changed_is_never_stored()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0, size: 1_000_000);
        chunk.Bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(chunk.Files.Chunk, chunk.Bytes);

        await DeadAsync(rig, chunk, "SHA-256");

        Assert.Empty(rig.Bucket.Objects);
    }

    [Fact]
    public async Task A_file_of_another_size_is_never_sent()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        await File.AppendAllTextAsync(chunk.Files.Chunk, "more");

        await DeadAsync(rig, chunk, "the file has 100004 bytes, the manifest says 100000");

        Assert.Empty(rig.Bucket.Uploads);
    }

    [Fact]
    public async Task A_wrong_CRC32C_in_the_manifest_is_refused_by_the_bucket_and_the_chunk_is_dead()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0, change: manifest => manifest with { Crc32c = "AAAAAA==" });

        await DeadAsync(rig, chunk, "the file's CRC32C is");

        Assert.Empty(rig.Bucket.Objects);
    }

    [Fact]
    public async Task An_object_that_the_bucket_stored_wrong_is_deleted_again()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.HonestChecksums = false;
        var chunk = rig.Chunk(0);

        await DeadAsync(rig, chunk, "the object was deleted again");

        Assert.Empty(rig.Bucket.Objects);
    }

    [Fact]
    public async Task A_missing_file_is_success_when_the_bucket_holds_it()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        rig.Bucket.Put(chunk.Manifest.Object, chunk.Bytes);
        File.Delete(chunk.Files.Chunk);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Empty(rig.Bucket.Uploads);
        Assert.Empty(rig.Spool.DeadManifests(rig.Stream));
    }

    [Fact]
    public async Task A_missing_file_that_the_bucket_does_not_hold_is_dead()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        File.Delete(chunk.Files.Chunk);

        await DeadAsync(rig, chunk, "the file is missing, and the bucket does not hold it", fileIsKept: false);
    }

    [Fact]
    public async Task A_crash_between_putting_aside_and_acknowledging_keeps_the_first_reason()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        await File.AppendAllTextAsync(chunk.Files.Chunk, "more");
        await DeadAsync(rig, chunk, "the file has");

        await rig.PublishAsync(chunk);

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);
        Assert.StartsWith("the file has", ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Poison => new()
    {
        { "not json", "not a manifest" },
        { "{}", "not a chunk manifest" },
        { "[1]", "not a chunk manifest" },
        { """{"schema":"crispy.chunk/2"}""", "crispy.chunk/2" },
        { "", "not a manifest" },
        { new string(' ', 5000), "larger than" },
    };

    [Theory]
    [MemberData(nameof(Poison))]
    public async Task A_message_that_is_no_chunks_goes_to_the_dead_ones_with_its_reason_and_the_next_is_handled(string body, string reason)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var good = rig.Chunk(0);
        var id = $"poison-{Guid.NewGuid():N}";
        await rig.PublishAsync(Encoding.UTF8.GetBytes(body), new() { MessageId = id });
        await rig.PublishAsync(good);

        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=1");

        var letter = await rig.DeadLetterAsync(id);
        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.Equal(body, Encoding.UTF8.GetString(letter.Body.Span));
        await rig.StoredAsync(good);
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
    }

    [Theory]
    [InlineData("stream", "stream", "../../etc")]
    [InlineData("chunk", "chunk id", "a/b")]
    [InlineData("object", "object", "elsewhere.mkv")]
    [InlineData("container", "container", "../x")]
    public async Task A_manifest_that_points_elsewhere_is_dead_and_touches_nothing(string field, string reason, string value)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        var json = System.Text.Json.Nodes.JsonNode.Parse(chunk.ManifestBytes)!;
        json[field] = value;
        var id = $"elsewhere-{Guid.NewGuid():N}";
        var properties = ChunkMessage.Properties(chunk.Manifest, chunk.Signature, null);
        properties.MessageId = id;
        await rig.PublishAsync(JsonSerializer.SerializeToUtf8Bytes(json), properties);

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(id);
        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.True(File.Exists(chunk.Files.Chunk));
        Assert.Empty(rig.Bucket.Uploads);
    }

    [Fact]
    public async Task A_message_without_a_signature_or_with_anothers_id_is_dead()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk.ManifestBytes, new BasicProperties { MessageId = chunk.Manifest.Chunk });
        var other = ChunkMessage.Properties(chunk.Manifest, chunk.Signature, null);
        other.MessageId = $"other-{Guid.NewGuid():N}";
        await rig.PublishAsync(chunk.ManifestBytes, other);

        await rig.StartWorkerAsync();

        Assert.Contains("crispy-signature", ChunkMessage.Text((await rig.DeadLetterAsync(chunk.Manifest.Chunk)).BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.Contains("is not that of the manifest", ChunkMessage.Text((await rig.DeadLetterAsync(other.MessageId)).BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.Empty(rig.Bucket.Uploads);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("ready")]
    [InlineData("stream")]
    public async Task A_symbolic_link_is_not_followed(string what)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        using var outside = new TempFolder();
        var chunk = rig.Chunk(0);
        var path = what switch { "file" => chunk.Files.Chunk, "ready" => rig.Spool.Ready(rig.Stream), _ => rig.Spool.Stream(rig.Stream) };
        Directory.Move(path, outside["moved"]);
        File.CreateSymbolicLink(path, outside["moved"]);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);
        Assert.Contains("symbolic link", ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.Empty(rig.Bucket.Uploads);
        Assert.True(File.Exists(chunk.Files.Chunk));
    }

    private static async Task DeadAsync(Rig rig, TestChunk chunk, string reason, bool fileIsKept = true)
    {
        await rig.PublishAsync(chunk);
        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);

        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader), StringComparison.Ordinal);
        Assert.Equal(chunk.ManifestBytes, letter.Body.ToArray());
        Assert.Equal(chunk.Signature, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.SignatureHeader));
        var dead = rig.Spool.DeadFiles(chunk.Id, ChunkContainer.Matroska);
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "dead");
        Assert.Equal((0, 1), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
        Assert.Equal((fileIsKept, true, true), (File.Exists(dead.Chunk), File.Exists(dead.Manifest), File.Exists(dead.Signature)));
        Assert.False(File.Exists(chunk.Files.Manifest) || File.Exists(chunk.Files.Chunk));
        using var why = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.ChangeExtension(dead.Manifest, ".reason.json")));
        Assert.Contains(reason, why.RootElement.GetProperty("why").GetString(), StringComparison.Ordinal);
    }
}
