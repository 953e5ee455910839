using System.Text;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
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
        Assert.StartsWith("the file has", ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Poison => new()
    {
        { "not json", "not a manifest" },
        { "{}", "not a chunk manifest" },
        { "[1]", "not a chunk manifest" },
        { """{"schema":"crispy.chunk/2"}""", "crispy.chunk/2" },
        { "", "not a manifest" },
        { """{"schema":"\ud800"}""", "not a manifest" },
        { """{"schema":"crispy.chunk/1","chunk":7}""", "not a manifest" },
        { """{"schema":"crispy.chunk/1","chunk":null}""", "not a manifest" },
        { new string('[', 4000), "not a manifest" },
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
        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader), StringComparison.Ordinal);
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
        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader), StringComparison.Ordinal);
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

        Assert.Contains("crispy-signature",
            ChunkMessage.Text((await rig.DeadLetterAsync(chunk.Manifest.Chunk)).BasicProperties, ChunkMessage.ErrorHeader),
            StringComparison.Ordinal);
        Assert.Contains("is not that of the manifest",
            ChunkMessage.Text((await rig.DeadLetterAsync(other.MessageId)).BasicProperties, ChunkMessage.ErrorHeader),
            StringComparison.Ordinal);
        Assert.Empty(rig.Bucket.Uploads);
    }

    [Theory]
    [InlineData(false, "the manifest is not one line")]
    [InlineData(true, "the signature holds other than printable ASCII")]
    public async Task A_message_that_the_spool_could_not_hold_as_two_lines_is_dead_and_touches_nothing(bool signature, string reason)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        File.Delete(chunk.Files.Manifest); // it would be written from the message
        File.Delete(chunk.Files.Chunk);
        var body = signature ? chunk.ManifestBytes : [(byte)'\n', .. chunk.ManifestBytes];
        await rig.PublishAsync(body,
            ChunkMessage.Properties(chunk.Manifest, signature ? chunk.Signature + "\nmore" : chunk.Signature, null));

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);
        Assert.Equal((DeadReason.Invalid, reason),
            (ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader),
                ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader)));
        Assert.False(Directory.Exists(rig.Spool.Dead(rig.Stream)));
    }

    [Fact]
    public async Task A_huge_message_is_cut_when_it_is_dead()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var good = rig.Chunk(0);
        var id = $"huge-{Guid.NewGuid():N}";
        await rig.PublishAsync(new byte[100 << 20], new() { MessageId = id }); // more than RabbitMQ's client takes by default
        await rig.PublishAsync(good);

        await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=1");

        var letter = await rig.DeadLetterAsync(id);
        Assert.Contains("104857600 bytes is larger", ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader),
            StringComparison.Ordinal);
        Assert.Equal(DeadReason.Invalid, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader));
        Assert.Equal(100 << 20, ChunkMessage.Number(letter.BasicProperties, ChunkMessage.CutHeader));
        Assert.Equal(64 * 1024, letter.Body.Length);
        await rig.StoredAsync(good);
    }

    [Fact]
    public async Task A_message_that_contradicts_the_spool_is_dead_alone_and_the_chunk_is_stored_as_signed()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        var forged = ManifestJson.Write(chunk.Manifest with { Size = 5 });
        var id = chunk.Manifest.Chunk;
        await rig.PublishAsync(forged, ChunkMessage.Properties(chunk.Manifest, chunk.Signature, null));

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(id);
        Assert.Contains("differs from the manifest in the spool", ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader),
            StringComparison.Ordinal);
        // The true message may be gone: what the spool holds is stored as it was signed.
        await rig.StoredAsync(chunk);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("stream")]
    [InlineData("dead")]
    public async Task A_folder_that_is_a_symbolic_link_is_not_followed_and_the_chunk_is_dead_where_it_lies(string what)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        using var outside = new TempFolder();
        var chunk = rig.Chunk(0);
        if (what == "dead")
        {
            Directory.CreateSymbolicLink(rig.Spool.Dead(rig.Stream), outside.Path);
            await File.AppendAllTextAsync(chunk.Files.Chunk, "more");
        }
        else
        {
            var path = what == "ready" ? rig.Spool.Ready(rig.Stream) : rig.Spool.Stream(rig.Stream);
            Directory.Move(path, outside["moved"]);
            File.CreateSymbolicLink(path, outside["moved"]);
        }
        var before = Directory.EnumerateFileSystemEntries(outside.Path, "*", SearchOption.AllDirectories).Order().ToList();
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);
        Assert.Contains(what == "dead" ? "the file has" : "symbolic link",
            ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader), StringComparison.Ordinal);
        Assert.Empty(rig.Bucket.Uploads);
        Assert.True(File.Exists(chunk.Files.Chunk));
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(outside.Path, "*", SearchOption.AllDirectories).Order());
        if (what == "dead") await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "dead");
    }

    [Fact]
    public async Task A_video_that_is_a_symbolic_link_is_put_aside_as_a_link_and_what_it_points_to_is_untouched()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        using var outside = new TempFolder();
        var chunk = rig.Chunk(0);
        File.Move(chunk.Files.Chunk, outside["moved"]);
        File.CreateSymbolicLink(chunk.Files.Chunk, outside["moved"]);

        await DeadAsync(rig, chunk, "symbolic link");

        Assert.Empty(rig.Bucket.Uploads);
        Assert.Equal(chunk.Bytes, await File.ReadAllBytesAsync(outside["moved"]));
        Assert.NotNull(new FileInfo(rig.Spool.DeadFiles(chunk.Id, ChunkContainer.Matroska).Chunk).LinkTarget);
    }

    [Fact]
    public async Task A_message_of_a_chunk_that_the_spool_does_not_hold_is_dead_alone()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        foreach (var path in new[] { chunk.Files.Chunk, chunk.Files.Manifest }) File.Delete(path);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);
        Assert.Equal(DeadReason.Missing, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader));
        Assert.Empty(Directory.EnumerateFiles(rig.Spool.Root, "*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(rig.Spool.Dead(rig.Stream)));
        Assert.Null(await ChunkStates.GetAsync(rig.Redis, chunk.Id));
        Assert.Empty(rig.Bucket.Uploads);
    }

    private static async Task DeadAsync(Rig rig, TestChunk chunk, string reason, bool fileIsKept = true)
    {
        await rig.PublishAsync(chunk);
        await rig.StartWorkerAsync();

        var letter = await rig.DeadLetterAsync(chunk.Manifest.Chunk);

        Assert.Contains(reason, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ErrorHeader), StringComparison.Ordinal);
        Assert.Equal(chunk.ManifestBytes, letter.Body.ToArray());
        Assert.Equal(chunk.Signature, ChunkMessage.Text(letter.BasicProperties, ChunkMessage.SignatureHeader));
        var dead = rig.Spool.DeadFiles(chunk.Id, ChunkContainer.Matroska);
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "dead");
        Assert.Equal((0, 1), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
        Assert.Equal(fileIsKept, File.Exists(dead.Chunk));
        Assert.Equal(SignedManifest.Write(chunk.ManifestBytes, chunk.Signature), await File.ReadAllBytesAsync(dead.Manifest));
        Assert.False(File.Exists(chunk.Files.Manifest) || File.Exists(chunk.Files.Chunk));
        using var why = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.ChangeExtension(dead.Manifest, ".reason.json")));
        Assert.Contains(reason, why.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(ChunkMessage.Text(letter.BasicProperties, ChunkMessage.ReasonHeader),
            why.RootElement.GetProperty("reason").GetString());
        Assert.NotNull(letter.BasicProperties.Expiration); // so that letters that nobody takes do not pile up
    }
}
