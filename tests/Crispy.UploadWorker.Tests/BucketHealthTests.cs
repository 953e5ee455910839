using Crispy.Testing;
using Google.Cloud.Storage.V1;

namespace Crispy.UploadWorker.Tests;

public sealed class BucketHealthTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task Health_is_red_while_the_bucket_cannot_be_reached_and_the_process_is_alive()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var nowhere = $"http://127.0.0.1:{FreePort.Next()}/storage/v1/";
        rig.Storage = new StorageClientBuilder { BaseUri = nowhere, UnauthenticatedAccess = true };

        var worker = await rig.StartWorkerAsync();

        await Until.TrueAsync(async () => !(await Rig.HealthTextAsync(worker))
            .Contains("RabbitMQ is unreachable", StringComparison.Ordinal));
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains("The bucket cannot be reached: Connection refused", StringComparison.Ordinal));
        Assert.Equal(503, await Rig.HealthAsync(worker));
        using var client = new HttpClient();
        using var alive = await client.GetAsync(new Uri(worker.Urls.First() + "/alive"), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)alive.StatusCode);
    }

    [Fact]
    public async Task Health_is_green_without_a_chunk_while_the_bucket_answers()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var worker = await rig.StartWorkerAsync();

        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
        Assert.Empty(rig.Bucket.Probes);
    }

    [Fact]
    public async Task A_bucket_that_answers_but_stores_nothing_turns_health_red_until_it_does()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var failing = true;
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context => failing && await FaultyBucket.AnswerAsync(context, 503, "backend error");
        await rig.PublishAsync(rig.Chunk(0));
        var worker = await rig.StartWorkerAsync();
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains("The bucket answers with a fault: 503 backend error", StringComparison.Ordinal));
        Assert.Equal(503, await Rig.HealthAsync(worker));

        failing = false;

        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
    }

    [Fact]
    public async Task A_bucket_that_can_be_read_and_lets_uploads_hang_turns_health_red_while_they_still_wait()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var hanging = new CancellationTokenSource();
        rig.Bucket.ProbesFareAlike = true;
        rig.Bucket.BeforeUpload = async context =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(hanging.Token, context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        };
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync("--Crispy:Upload:RequestTimeout=01:00:00");
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains("The bucket does not answer: no answer within 3 s", StringComparison.Ordinal));

        await hanging.CancelAsync();

        await rig.StoredAsync(chunk);
        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_turns_health_red()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var worker = await rig.StartWorkerAsync("--Crispy:Bucket=another-bucket");

        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains("The bucket does not exist: 404 The specified bucket does not exist.", StringComparison.Ordinal));
        Assert.Equal(503, await Rig.HealthAsync(worker));
    }
}
