using Crispy.Coordination;
using Crispy.Testing;
using Crispy.UploadWorker.Consuming;

namespace Crispy.UploadWorker.Tests;

public sealed class ConfigurationFailureTests(RabbitMqServer broker, RedisServer redis)
{
    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_refusal_turns_health_red_pauses_uploads_and_is_repaired_without_a_dead_letter(int status)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var refused = true;
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context => refused && await FaultyBucket.AnswerAsync(context, status, "no access for crispy");
        var chunks = Enumerable.Range(0, 12).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=3");
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains($"uploads are refused: {status} no access for crispy", StringComparison.Ordinal));
        Assert.Equal(503, await Rig.HealthAsync(worker));
        await Until.TrueAsync(() => rig.Bucket.Uploads.Count >= 6); // up to 3 at the start, the others are probes
        Assert.Empty(rig.Bucket.Objects);
        Assert.All(chunks, chunk => Assert.True(File.Exists(chunk.Files.Manifest)));

        refused = false;

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);
        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
        await Until.TrueAsync(async () => await ChunkStates.CountsAsync(rig.Redis, rig.Stream) == (12, 0));
    }

    [Fact]
    public async Task While_refused_one_upload_at_a_time_is_tried()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var (now, most, answers, probing) = (0, 0, 0, false);
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context =>
        {
            var inFlight = Interlocked.Increment(ref now);
            if (Volatile.Read(ref probing)) most = Math.Max(most, inFlight);
            await FaultyBucket.AnswerAsync(context, 403);
            Interlocked.Decrement(ref now);
            Interlocked.Increment(ref answers);
            return true;
        };
        for (var number = 0; number < 20; number++) await rig.PublishAsync(rig.Chunk(number));

        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=8");

        // What had begun before the first refusal ends in its own time.
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker)).Contains("uploads are refused", StringComparison.Ordinal));
        var refused = Volatile.Read(ref answers);
        await Until.TrueAsync(() => Volatile.Read(ref answers) >= refused + 2 && Volatile.Read(ref now) == 0);
        Volatile.Write(ref probing, true);
        var begun = Volatile.Read(ref answers);
        await Until.TrueAsync(() => Volatile.Read(ref answers) >= begun + 4);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task With_an_empty_queue_the_bucket_is_asked_without_a_chunk_and_health_recovers()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var refused = true;
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context => refused && await FaultyBucket.AnswerAsync(context, 403);
        await rig.PublishAsync(rig.Chunk(0));
        var worker = await rig.StartWorkerAsync();
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker)).Contains("uploads are refused", StringComparison.Ordinal));
        await rig.TakeFromQueueAsync(); // another worker, of another bucket's rights, has taken it
        await Until.TrueAsync(() => rig.Bucket.Probes.Count >= 2);
        Assert.Equal(503, await Rig.HealthAsync(worker));

        refused = false;

        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
        Assert.Empty(rig.Bucket.Objects);
        var next = rig.Chunk(1);
        await rig.PublishAsync(next);
        await rig.StoredAsync(next);
    }

    [Fact]
    public void A_refusal_is_logged_at_once_and_then_once_a_minute()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var condition = new WorkerCondition(time);
        Assert.True(condition.Refuse(new("403", "a")));
        Assert.False(condition.Refuse(new("403", "b")));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(condition.Refuse(new("403", "c")));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(condition.Refuse(new("403", "d")));
        Assert.Equal("d", condition.Refusal?.Object);
        Assert.True(condition.Accept());
        Assert.False(condition.Accept());
    }

    [Fact]
    public async Task A_chunk_that_alone_is_refused_does_not_hold_up_the_others()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var bad = rig.Chunk(0, size: 11);
        var good = Enumerable.Range(1, 5).Select(number => rig.Chunk(number)).ToList();
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context => context.Request.ContentLength < 10_000
            && await FaultyBucket.AnswerAsync(context, 400, "Invalid argument.");
        await rig.PublishAsync(bad);
        foreach (var chunk in good) await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=1");

        foreach (var chunk in good) await rig.StoredAsync(chunk);
        Assert.True(File.Exists(bad.Files.Chunk));
    }
}
