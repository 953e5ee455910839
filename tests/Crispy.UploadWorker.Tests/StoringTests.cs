using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Testing;
using Microsoft.AspNetCore.Http;

namespace Crispy.UploadWorker.Tests;

public sealed class StoringTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task Every_chunk_is_stored_removed_from_the_spool_acknowledged_and_counted()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunks = Enumerable.Range(0, 20).Select(number => rig.Chunk(number, 50_000 + number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync();

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);

        foreach (var chunk in chunks) Assert.Equal(chunk.Bytes, rig.Bucket.Objects[chunk.Manifest.Object].Bytes);
        Assert.Equal(20, rig.Bucket.Uploads.Count);
        Assert.All(rig.Bucket.Uploads,
            query => Assert.StartsWith("?uploadType=multipart&ifGenerationMatch=0", query, StringComparison.Ordinal));
        foreach (var chunk in chunks) await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
        Assert.Equal((20, 0), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
        Assert.Equal(200, await Rig.HealthAsync(worker));
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
    }

    [Fact]
    public async Task The_object_carries_the_metadata_of_its_chunk_and_joins_its_trace()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Crispy.UploadWorker",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans) spans.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(7);
        await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync();
        await rig.StoredAsync(chunk);
        await rig.CountAfterStopAsync(worker);

        var resource = rig.Bucket.Objects[chunk.Manifest.Object].Resource;
        var metadata = resource["metadata"]!.AsObject();
        Activity span;
        lock (spans) span = spans.Single(one => (string?)one.GetTagItem("crispy.chunk") == chunk.Manifest.Chunk);
        Assert.Equal(("chunk upload", ActivityKind.Consumer), (span.OperationName, span.Kind));
        Assert.Equal(chunk.Manifest.Traceparent![3..35], span.TraceId.ToHexString());
        Assert.Equal("video/x-matroska", (string?)resource["contentType"]);
        Assert.Equal(chunk.Manifest.Crc32c, (string?)resource["crc32c"]);
        // What retention counts from, in the same request.
        Assert.Equal("2026-11-22T17:09:05.123000Z", (string?)resource["customTime"]);
        Assert.Equal(new Dictionary<string, string>
        {
            ["crispy-chunk"] = chunk.Manifest.Chunk,
            ["crispy-from"] = "2026-11-22T17:09:05.123000Z",
            ["crispy-to"] = "2026-11-22T17:09:08.123000Z",
            ["crispy-duration"] = "3",
            ["crispy-frames"] = "90",
            ["crispy-resolution"] = "1080x1920x3",
            ["crispy-manifest"] = Base64Url.EncodeToString(chunk.ManifestBytes),
            ["crispy-signature"] = chunk.Signature,
            ["traceparent"] = span.Id!,
        }, metadata.ToDictionary(entry => entry.Key, entry => (string)entry.Value!));
        using var verifier = new ManifestVerifier(TestChunk.PublicPem);
        Assert.Equal(SignatureState.Verified,
            verifier.Check(ChunkMetadata.ManifestBytes(Strings(metadata))!, (string?)metadata["crispy-signature"]));
    }

    [Fact]
    public async Task As_many_uploads_run_at_once_as_configured_and_no_more()
    {
        const int concurrency = 6;
        await using var rig = await Rig.StartAsync(broker, redis);
        var arrived = 0;
        var most = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Bucket.BeforeUpload = async _ =>
        {
            var now = Interlocked.Increment(ref arrived);
            if (now == concurrency) all.TrySetResult();
            await all.Task.WaitAsync(TimeSpan.FromMinutes(5));
            most = Math.Max(most, now);
            return false;
        };
        rig.Bucket.AfterStore = _ =>
        {
            Interlocked.Decrement(ref arrived);
            return Task.FromResult(false);
        };
        var chunks = Enumerable.Range(0, 3 * concurrency).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync($"--Crispy:Upload:Concurrency={concurrency}");

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);
        Assert.Equal(concurrency, most);
    }

    [Fact]
    public async Task The_same_message_twice_gives_one_object_and_both_are_acknowledged()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        await rig.PublishAsync(chunk);
        var last = rig.Chunk(1);
        await rig.PublishAsync(last);

        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=1");

        await rig.StoredAsync(chunk);
        await rig.StoredAsync(last); // one at a time, in order: the second copy is done
        Assert.Equal(2, rig.Bucket.Objects.Count);
        Assert.Equal(2, rig.Bucket.Uploads.Count);
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
    }

    [Fact]
    public async Task The_same_chunk_in_two_uploads_at_once_is_stored_once()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        using var both = new CountdownEvent(2);
        rig.Bucket.BeforeUpload = async _ =>
        {
            both.Signal();
            await Until.TrueAsync(() => both.IsSet);
            return false;
        };
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        await rig.PublishAsync(chunk);

        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=2");

        await rig.StoredAsync(chunk);
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
        Assert.Equal(2, rig.Bucket.Uploads.Count);
        Assert.Single(rig.Bucket.Objects);
    }

    private static Dictionary<string, string> Strings(JsonObject json) =>
        json.ToDictionary(entry => entry.Key, entry => (string)entry.Value!);
}
