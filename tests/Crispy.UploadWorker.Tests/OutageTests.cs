using Crispy.Coordination;
using Crispy.Testing;

namespace Crispy.UploadWorker.Tests;

public sealed class OutageTests(RabbitMqServer broker, RedisServer redis)
{
    [Fact]
    public async Task With_Redis_down_chunks_are_stored_and_their_states_catch_up()
    {
        await using var own = new RedisServer();
        await own.StartAsync();
        await own.StopAsync();
        await using var rig = await Rig.StartAsync(broker, own);
        var chunks = Enumerable.Range(0, 10).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);

        var worker = await rig.StartWorkerAsync();

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);
        Assert.Equal(200, await Rig.HealthAsync(worker));
        Assert.Contains("Redis is unreachable", await Rig.HealthTextAsync(worker), StringComparison.Ordinal);
        await own.StartAsync();
        foreach (var chunk in chunks) await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
        Assert.Equal((10, 0), await ChunkStates.CountsAsync(rig.Redis, rig.Stream));
    }

    [Fact]
    public async Task With_a_Redis_that_hangs_chunks_are_stored()
    {
        await using var own = new RedisServer();
        await own.StartAsync();
        await using var rig = await Rig.StartAsync(broker, own);
        var worker = await rig.StartWorkerAsync();
        await own.FreezeAsync();
        var chunks = Enumerable.Range(0, 10).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);

        await own.ThawAsync();
        foreach (var chunk in chunks) await Until.TrueAsync(async () => await ChunkStates.GetAsync(rig.Redis, chunk.Id) == "stored");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_of_RabbitMQ_in_the_middle_loses_nothing_and_uploads_resume(bool killed)
    {
        await using var own = new RabbitMqServer();
        await own.StartAsync();
        await using var rig = await Rig.StartAsync(own, redis);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Bucket.BeforeUpload = async context =>
        {
            held.TrySetResult();
            await lost.Task.WaitAsync(context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return false;
        };
        var chunks = Enumerable.Range(0, 10).Select(number => rig.Chunk(number)).ToList();
        foreach (var chunk in chunks) await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=2");
        await held.Task;

        await (killed ? own.KillAsync() : own.StopAsync());
        await Until.TrueAsync(async () => (await Rig.HealthTextAsync(worker))
            .Contains("RabbitMQ is unreachable", StringComparison.Ordinal));
        Assert.Equal(503, await Rig.HealthAsync(worker));
        lost.SetResult();
        await own.StartAsync();

        foreach (var chunk in chunks) await rig.StoredAsync(chunk);
        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
        await rig.ConnectAsync();
        Assert.Equal(0u, await rig.CountAfterStopAsync(worker));
    }

    [Fact]
    public async Task A_worker_that_starts_before_RabbitMQ_waits_for_it_and_declares_what_it_needs()
    {
        await using var own = new RabbitMqServer();
        await own.StartAsync();
        await using var rig = await Rig.StartAsync(own, redis);
        await own.KillAsync();
        var worker = await rig.StartWorkerAsync();
        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 503);

        await own.StartAsync();

        await Until.TrueAsync(async () => await Rig.HealthAsync(worker) == 200);
        await rig.ConnectAsync();
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        await rig.StoredAsync(chunk);
    }

    [Fact]
    public async Task A_worker_that_dies_after_storing_and_before_acknowledging_leaves_the_chunk_to_the_next_one()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Bucket.AfterStore = async context =>
        {
            stored.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        var first = await rig.StartWorkerAsync("--Crispy:Upload:DrainTimeout=00:00:00");
        await stored.Task;

        await rig.CountAfterStopAsync(first);
        // it never saw the answer: nothing removed, nothing acknowledged
        await Until.TrueAsync(async () => await rig.CountAsync(rig.Queue) == 1);
        Assert.True(File.Exists(chunk.Files.Chunk));
        var second = await rig.StartWorkerAsync();

        await rig.StoredAsync(chunk);
        Assert.Single(rig.Bucket.Objects);
        Assert.Equal(0u, await rig.CountAfterStopAsync(second));
    }

    [Fact]
    public async Task Stopping_lets_uploads_in_flight_finish_and_takes_no_more()
    {
        await using var rig = await Rig.StartAsync(broker, redis);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Bucket.BeforeUpload = async _ =>
        {
            arrived.TrySetResult();
            await release.Task;
            return false;
        };
        var chunk = rig.Chunk(0);
        await rig.PublishAsync(chunk);
        var worker = await rig.StartWorkerAsync("--Crispy:Upload:Concurrency=1");
        await arrived.Task;
        var next = rig.Chunk(1);
        await rig.PublishAsync(next);

        var stop = rig.CountAfterStopAsync(worker);
        Assert.False(stop.IsCompleted);
        release.SetResult();

        await stop;
        await Until.TrueAsync(async () => await rig.CountAsync(rig.Queue) == 1);
        await rig.StoredAsync(chunk);
        Assert.True(File.Exists(next.Files.Chunk));
    }
}
