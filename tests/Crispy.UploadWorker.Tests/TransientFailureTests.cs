using Crispy.Coordination;
using Crispy.Testing;
using Microsoft.AspNetCore.Http;

namespace Crispy.UploadWorker.Tests;

public sealed class TransientFailureTests(RabbitMqServer broker, RedisServer redis)
{
    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_transient_answer_is_retried_in_place(int status)
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var attempts = 0;
        rig.Bucket.BeforeUpload = async context => Interlocked.Increment(ref attempts) <= 2
            && await FaultyBucket.AnswerAsync(context, status);
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_or_after_storing_is_retried_without_a_second_object()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var (before, after) = (0, 0);
        rig.Bucket.BeforeUpload = context => Task.FromResult(Break(context, Interlocked.Increment(ref before) == 1));
        rig.Bucket.AfterStore = context => Task.FromResult(Break(context, Interlocked.Increment(ref after) == 1));
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Equal((2, 1), (before, after)); // the attempt after the lost answer asks, finds the object and does not send it again
        Assert.Equal(chunk.Bytes, rig.Bucket.Objects[chunk.Manifest.Object].Bytes);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_after_the_request_timeout()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var attempts = 0;
        rig.Bucket.BeforeUpload = async context =>
        {
            if (Interlocked.Increment(ref attempts) > 1) return false;
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync("--Crispy:Upload:RequestTimeout=00:00:01");

        await rig.StoredAsync(chunk);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task An_outage_longer_than_the_retries_in_place_goes_through_the_delay_queues_and_is_never_a_dead_letter()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var away = true;
        rig.Bucket.BeforeUpload = async context => away && await FaultyBucket.AnswerAsync(context, 503);
        var chunks = Enumerable.Range(0, 5).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);
        await rig.StartWorkerAsync("--Crispy:Upload:RetriesInPlace=1");
        foreach (var chunk in chunks) await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "retrying");

        away = false;

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);
        foreach (var chunk in chunks) await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
        Assert.Equal((5, 0), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
        Assert.Equal(5, rig.Bucket.Objects.Count);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_long_wait_gets_it_in_a_delay_queue()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        rig.Bucket.BeforeUpload = context => FaultyBucket.AnswerAsync(context, 429, retryAfter: "20");
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);

        await rig.StartWorkerAsync();

        await Until.TrueAsync(async () => await rig.CountAsync(QueueTopology.RetryQueue(rig.SpoolName, TimeSpan.FromSeconds(30))) == 1);
        Assert.Single(rig.Bucket.Uploads);
        Assert.True(File.Exists(chunk.Files.Chunk));
    }

    private static bool Break(HttpContext context, bool now)
    {
        if (now) context.Abort();
        return now;
    }
}
