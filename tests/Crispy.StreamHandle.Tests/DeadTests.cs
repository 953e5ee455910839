using System.Net;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using RabbitMQ.Client;

namespace Crispy.StreamHandle.Tests;

public sealed class DeadTests(Servers servers) : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 17, 10, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Dead_chunks_are_listed_in_pages_with_their_reasons_and_shown_one_by_one()
    {
        await using var handle = await RecordAsync();
        var chunks = handle.Ready("gate");
        foreach (var chunk in chunks) Kill(handle, chunk, DeadReason.Damaged, "the file has 7 bytes");

        var first = await GetAsync<DeadPage>(handle, "/api/dead?limit=1");
        var second = await GetAsync<DeadPage>(handle, $"/api/dead?stream=gate&limit=1000&after={first.Next}");

        Assert.Equal((chunks.Count, 1, chunks[0].Manifest.Chunk), (first.Total, first.Items.Count, first.Next));
        Assert.Equal(chunks.Select(chunk => chunk.Manifest.Chunk), first.Items.Concat(second.Items).Select(chunk => chunk.Chunk));
        Assert.Null(second.Next);
        var manifest = chunks[0].Manifest;
        var expected = new DeadChunk(manifest.Chunk, DeadReason.Damaged, "the file has 7 bytes", At, manifest.Size, manifest.Size,
            manifest.From, manifest.To, manifest.Object, true);
        Assert.Equal(expected, first.Items[0]);
        expected = expected
            with { Probe = new(true, null, "mkv", manifest.Duration.TotalSeconds, new("h264", 320, 180, manifest.Fps, manifest.Frames),
                new("aac"), manifest.Size, manifest.Size, true, "verified") };
        Assert.Equal(expected, await GetAsync<DeadChunk>(handle, $"/api/dead/{manifest.Chunk}"));
        Assert.Equal(expected, await GetAsync<DeadChunk>(handle, $"/api/dead/{Uri.EscapeDataString(manifest.Chunk)}"));
        Assert.Equal(chunks.Count, (await handle.StreamAsync("gate")).Dead);
        Assert.Empty((await GetAsync<DeadPage>(handle, "/api/dead?stream=other")).Items);
    }

    [Fact]
    public async Task What_the_file_of_a_dead_chunk_is_now_is_told_no_matter_what_became_of_it()
    {
        await using var handle = await RecordAsync();
        var chunks = handle.Ready("gate");
        foreach (var chunk in chunks) Kill(handle, chunk, DeadReason.Damaged, "told");
        var videos = chunks.Select(chunk => Path.Combine(handle.Spool.Dead("gate"), Path.GetFileName(chunk.Path))).ToList();

        // Cut off: what is left can be read, by ffprobe too.
        using (var cut = new FileStream(videos[0], FileMode.Open)) cut.SetLength(cut.Length / 2);
        var half = await ProbeAsync(handle, chunks[0]);
        Assert.Equal((true, "it is cut off", false, "verified"), (half.Readable, half.Error, half.Sha256Matches, half.Signature));
        Assert.Equal((chunks[0].Manifest.Size / 2, chunks[0].Manifest.Size), (half.Size, half.SizeExpected));
        Assert.InRange(half.Video!.Frames, 1, chunks[0].Manifest.Frames - 1);
        Assert.InRange(half.Video.Frames, await Clips.PacketsAsync(videos[0], "v:0") - 1, await Clips.PacketsAsync(videos[0], "v:0"));

        File.WriteAllText(videos[1], "nothing that a camera sent");
        Assert.Equal(
            new(false, "it is neither Matroska, MP4 nor MPEG-TS", null, null, null, null, 26, chunks[1].Manifest.Size, false, "verified"),
            await ProbeAsync(handle, chunks[1]));

        File.WriteAllText(videos[2], "");
        Assert.Equal("it is empty", (await ProbeAsync(handle, chunks[2])).Error);
        File.Delete(videos[2]);
        Assert.Equal(new(false, "there is no file", null, null, null, null, null, chunks[2].Manifest.Size, null, "verified"),
            await ProbeAsync(handle, chunks[2]));
        File.CreateSymbolicLink(videos[2], videos[3]);
        var link = await ProbeAsync(handle, chunks[2]);
        Assert.Equal((false, $"{videos[2]} is a symbolic link, which is not followed"), (link.Readable, link.Error));

        // The manifest is another chunk's, then unsigned, then none: the file is told all the same.
        var manifest = Path.ChangeExtension(videos[3], ".json");
        File.Copy(Path.ChangeExtension(videos[2], ".json"), manifest, overwrite: true);
        var moved = await ProbeAsync(handle, chunks[3]);
        Assert.Equal((true, null, "invalid"), (moved.Readable, moved.Sha256Matches, moved.Signature));
        File.WriteAllBytes(manifest, chunks[3].ManifestBytes);
        var unsigned = await ProbeAsync(handle, chunks[3]);
        Assert.Equal((true, true, "missing"), (unsigned.Readable, unsigned.Sha256Matches, unsigned.Signature));
        File.WriteAllText(manifest, "no manifest");
        var bare = await ProbeAsync(handle, chunks[3]);
        Assert.Equal((true, null, "missing"), (bare.Readable, bare.SizeExpected, bare.Signature));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replayed_chunk_is_ready_again_queued_and_published(bool encoded)
    {
        await using var handle = await RecordAsync();
        var chunk = handle.Ready("gate")[0];
        var id = chunk.Manifest.Chunk;
        Assert.True(ChunkId.TryParse(id, out var parsed));
        await TakeAsync(handle, id);
        using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(servers.Redis.ConnectionString);
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(redis.GetDatabase(), parsed) == "queued");
        await ChunkStates.MoveAsync(redis.GetDatabase(), new(parsed, ChunkState.Dead, At, Error: "told"));
        Kill(handle, chunk, DeadReason.Conflict, "told");

        using var answer = await handle.PostAsync($"/api/dead/{(encoded ? Uri.EscapeDataString(id) : id)}/replay");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(chunk.ManifestBytes, await TakeAsync(handle, id));
        var back = handle.Ready("gate").Single(ready => ready.Manifest.Chunk == id);
        Assert.Equal((SignatureState.Verified, chunk.Manifest.Size), (back.Signature, new FileInfo(back.Path).Length));
        Assert.Empty(Directory.EnumerateFileSystemEntries(handle.Spool.Dead("gate")));
        await Until.TrueAsync(async () => await ChunkStates.GetAsync(redis.GetDatabase(), parsed) == "queued");
        Assert.Equal(HttpStatusCode.NotFound, (await handle.PostAsync($"/api/dead/{id}/replay")).StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_replayed_is_a_conflict_that_says_why_and_touches_nothing()
    {
        await using var handle = await RecordAsync();
        var chunks = handle.Ready("gate");
        foreach (var chunk in chunks.Take(4)) Kill(handle, chunk, DeadReason.Damaged, "told");
        var dead = handle.Spool.Dead("gate");
        File.Delete(Path.Combine(dead, Path.GetFileName(chunks[0].Path)));
        File.WriteAllText(Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunks[1].Path, ".json"))), "no manifest");
        var linked = Path.Combine(dead, Path.GetFileName(chunks[2].Path));
        File.Move(linked, _folder["outside.mkv"]);
        File.CreateSymbolicLink(linked, _folder["outside.mkv"]);
        var unsigned = Path.Combine(dead, Path.GetFileName(Path.ChangeExtension(chunks[3].Path, ".json")));
        File.WriteAllBytes(unsigned, chunks[3].ManifestBytes);
        var before = Directory.EnumerateFileSystemEntries(dead).Order().ToList();

        await RefusedAsync(handle, chunks[0], "its file is missing");
        await RefusedAsync(handle, chunks[1], "its manifest cannot be read");
        await RefusedAsync(handle, chunks[2], "symbolic link");
        await RefusedAsync(handle, chunks[3], "without its second line, the signature");

        Assert.Equal(before, Directory.EnumerateFileSystemEntries(dead).Order());
        Assert.All((await GetAsync<DeadPage>(handle, "/api/dead")).Items, chunk => Assert.False(chunk.Replayable));
        Assert.Null((await GetAsync<DeadChunk>(handle, $"/api/dead/{chunks[0].Manifest.Chunk}")).Size);
        await handle.StopAsync();
        await handle.StartAsync();
        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Ended, Dead: 4 },
            "the stream goes on beside what cannot be read");
    }

    [Theory]
    [InlineData("/api/dead/gate/20261122T170844123Z/00000042", 404)]
    [InlineData("/api/dead/gate", 404)]
    [InlineData("/api/dead/..%2F..%2Fetc", 404)]
    [InlineData("/api/dead?limit=0", 400)]
    [InlineData("/api/dead?limit=many", 400)]
    [InlineData("/api/dead?after=x", 400)]
    [InlineData("/api/dead?stream=..", 400)]
    public async Task A_wrong_question_is_answered_with_problem_details(string path, int status)
    {
        await using var handle = await new RunningStreamHandle(servers).StartAsync();

        using var answer = await handle.GetAsync(path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("manifest")]
    [InlineData("video")]
    public async Task A_crash_in_the_middle_of_a_replay_leaves_one_video_and_is_finished_at_the_next_start(string lastStep)
    {
        await using var handle = await RecordAsync();
        var chunk = handle.Ready("gate")[0];
        var id = chunk.Manifest.Chunk;
        await TakeAsync(handle, id);
        await handle.StopAsync();
        Kill(handle, chunk, DeadReason.Conflict, "told");
        var (dead, ready) = (handle.Spool.Dead("gate"), handle.Spool.Ready("gate"));
        var name = Path.GetFileNameWithoutExtension(chunk.Path);
        var video = Path.GetFileName(chunk.Path);
        File.Copy(Path.Combine(dead, $"{name}.json"), Path.Combine(ready, $"{name}.json.pending"));
        if (lastStep != "pending") File.Delete(Path.Combine(dead, $"{name}.json"));
        if (lastStep == "video") File.Move(Path.Combine(dead, video), Path.Combine(ready, video));

        await handle.StartAsync();

        Assert.Equal(chunk.ManifestBytes, await TakeAsync(handle, id)); // a worker then stores it, or finds no video but the reason
        Assert.Equal(Path.Combine(lastStep == "video" ? ready : dead, video),
            Assert.Single(Directory.EnumerateFiles(handle.Spool.Stream("gate"), video, SearchOption.AllDirectories)));
        Assert.True(File.Exists(Path.Combine(dead, $"{name}.reason.json")));
        Assert.Equal(lastStep == "pending" ? 1 : 0, (await handle.StreamAsync("gate")).Dead);
    }

    [Fact]
    public async Task A_discarded_chunk_leaves_a_signed_loss_record_and_the_law_holds()
    {
        await using var handle = await RecordAsync();
        var chunks = handle.Ready("gate");
        foreach (var chunk in chunks) Kill(handle, chunk, DeadReason.Damaged, "told");
        File.Delete(Path.Combine(handle.Spool.Dead("gate"), Path.GetFileName(chunks[1].Path)));

        using var told = JsonDocument.Parse(
            await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, $"/api/dead/{chunks[0].Manifest.Chunk}/discard",
                """{"reason":"the lens was covered"}"""));
        using var many = JsonDocument.Parse(await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/dead/discard",
            JsonSerializer.Serialize(new { chunks = new[] { chunks[1].Manifest.Chunk, chunks[0].Manifest.Chunk, "junk" } })));

        Assert.Equal([true, false, false],
            many.RootElement.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("ok").GetBoolean()));
        var losses = handle.Losses("gate");
        Assert.Equal([(0L, "the lens was covered"), (1L, null)], losses.Select(loss => (loss.Record.Sequence, loss.Record.Note)));
        foreach (var (loss, chunk) in losses.Zip(chunks))
        {
            Assert.Equal((LossReason.Discarded, SignatureState.Verified, chunk.Manifest.From, chunk.Manifest.To),
                (loss.Record.Reason, handle.Verifier.Check(loss.Bytes, loss.Signature), loss.Record.From, loss.Record.To));
            Assert.Equal((chunk.Manifest.Previous, chunk.Manifest.Crc32c), (loss.Record.Previous, loss.Record.Manifest?.Crc32c));
        }
        Assert.Equal(losses[0].Record.Object, told.RootElement.GetProperty("object").GetString());
        Assert.DoesNotContain(Directory.EnumerateFiles(handle.Spool.Dead("gate")),
            file => file.Contains("-0000000", StringComparison.Ordinal) && file.Split('-')[^1][..8] is "00000000" or "00000001");
        var report = await handle.StreamAsync("gate");
        Assert.Equal((0L, 2L, chunks.Count - 2L, 2), (report.Law?.Balance, report.Law?.Lost, report.Law?.Dead, report.Lost));
        Assert.Empty(Directory.EnumerateFiles(handle.Spool.Lost("gate")));
        Assert.Contains("\"reason\"",
            await handle.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, $"/api/dead/{chunks[2].Manifest.Chunk}/discard",
                $$"""{"reason":"{{new string('x', 201)}}"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_discard_that_a_crash_interrupts_is_finished_at_the_next_start_also_of_a_stream_that_is_gone()
    {
        await using var handle = await RecordAsync();
        var chunks = handle.Ready("gate");
        Kill(handle, chunks[0], DeadReason.Conflict, "told");
        await handle.StopAsync();
        // Gone before the crash: its file would be read once more, and what is cut off by the crash is a loss too.
        await handle.With("CRISPY_FAILPOINT", "discard-claimed:1").With("Crispy__Streams__0__Id", "door").StartAsync();
        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Removed, Dead: 1 }, "the stream is gone");
        await Assert.ThrowsAsync<HttpRequestException>(() => handle.PostAsync($"/api/dead/{chunks[0].Manifest.Chunk}/discard"));
        await handle.EndAsync();
        await handle.With("CRISPY_FAILPOINT", "").StartAsync();

        await handle.UntilAsync("gate", stream => stream is { State: StreamState.Removed, Law: { Lost: 1, Dead: 0, Balance: 0 } },
            "the discard is finished");
        Assert.Equal(LossReason.Discarded, Assert.Single(handle.Losses("gate")).Record.Reason);
        Assert.Empty(Directory.EnumerateFileSystemEntries(handle.Spool.Dead("gate")));
        Kill(handle, chunks[1], DeadReason.Conflict, "told");
        await handle.ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, "/api/dead/replay",
            JsonSerializer.Serialize(new { chunks = new[] { chunks[1].Manifest.Chunk } }));
        Assert.Equal(0, (await handle.StreamAsync("gate")).Dead);
    }

    private async Task<RunningStreamHandle> RecordAsync()
    {
        var clip = await Clips.MakeAsync(_folder["clip.mp4"], seconds: 12);
        var handle = await new RunningStreamHandle(servers, new Dictionary<string, string> { ["Id"] = "gate", ["Url"] = clip })
            .StartAsync();
        await handle.UntilAsync("gate",
            stream => stream.State is StreamState.Ended or StreamState.Failed && stream.Pending == 0, "the file is read");
        Assert.True(handle.Ready("gate").Count >= 4);
        return handle;
    }

    // As a worker puts a chunk aside.
    private static void Kill(RunningStreamHandle handle, ReadyChunk chunk, string reason, string error)
    {
        var dead = Directory.CreateDirectory(handle.Spool.Dead("gate")).FullName;
        var manifest = Path.ChangeExtension(chunk.Path, ".json");
        new DeadReason(chunk.Manifest.Chunk, reason, error, At, chunk.Manifest.Object)
            .Write(Path.Combine(dead, Path.GetFileName(DeadReason.PathBeside(manifest))));
        foreach (var path in new[] { chunk.Path, manifest }) File.Move(path, Path.Combine(dead, Path.GetFileName(path)));
    }

    private static async Task RefusedAsync(RunningStreamHandle handle, ReadyChunk chunk, string why)
    {
        using var answer = await handle.PostAsync($"/api/dead/{chunk.Manifest.Chunk}/replay");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Contains(why, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<DeadFile> ProbeAsync(RunningStreamHandle handle, ReadyChunk chunk) =>
        (await GetAsync<DeadChunk>(handle, $"/api/dead/{chunk.Manifest.Chunk}")).Probe!;

    private static async Task<T> GetAsync<T>(RunningStreamHandle handle, string path)
    {
        using var answer = await handle.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonSerializer.Deserialize<T>(await answer.Content.ReadAsStringAsync(), JsonSerializerOptions.Web)!;
    }

    /// <summary>Takes messages until one of a chunk comes.</summary>
    private async Task<byte[]> TakeAsync(RunningStreamHandle handle, string chunk)
    {
        await using var connection = await new ConnectionFactory { Uri = new(servers.Rabbit.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        byte[]? body = null;
        await Until.TrueAsync(async () =>
        {
            while (body is null && await channel.BasicGetAsync(QueueTopology.UploadQueue(handle.SpoolName), autoAck: true) is { } got)
                if (got.BasicProperties.MessageId == chunk) body = got.Body.ToArray();
            return body is not null;
        }, what: $"a message of {chunk}", log: () => handle.Log);
        return body!;
    }
}
