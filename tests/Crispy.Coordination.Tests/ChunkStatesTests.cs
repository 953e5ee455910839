using Crispy.Contracts;
using Crispy.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Crispy.Coordination.Tests;

public sealed class ChunkStatesTests(RedisServer server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly ChunkId _chunk = new($"s{Guid.NewGuid():N}", Epoch.Name(Now), 0);
    private ConnectionMultiplexer _redis = null!;

    private IDatabase Database => _redis.GetDatabase();

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task A_chunk_goes_from_queued_to_stored_and_is_counted_once()
    {
        Assert.True(await MoveAsync(ChunkState.Queued));
        Assert.True(await MoveAsync(ChunkState.Uploading));
        Assert.True(await ChunkStates.MoveAsync(Database, new(_chunk, ChunkState.Stored, Now, Object: "a/b", Generation: 7)));
        Assert.False(await MoveAsync(ChunkState.Stored));
        Assert.Equal((1, 0), await ChunkStates.CountsAsync(Database, _chunk.Stream));

        var hash = (await Database.HashGetAllAsync(ChunkStates.Key(_chunk)))
            .ToDictionary(entry => (string)entry.Name!, entry => (string)entry.Value!);
        Assert.Equal(("stored", "1", "a/b", "7", "2026-11-22T12:00:00.000000Z"),
            (hash["state"], hash["attempts"], hash["object"], hash["generation"], hash["storedAt"]));
        Assert.InRange((await Database.KeyTimeToLiveAsync(ChunkStates.Key(_chunk)))!.Value, TimeSpan.FromDays(6), TimeSpan.FromDays(7));
    }

    [Theory]
    [InlineData(ChunkState.Queued)]
    [InlineData(ChunkState.Uploading)]
    [InlineData(ChunkState.Retrying)]
    [InlineData(ChunkState.Dead)]
    public async Task What_is_stored_stays_stored(ChunkState late)
    {
        await MoveAsync(ChunkState.Stored);
        Assert.False(await MoveAsync(late));
        Assert.Equal("stored", await ChunkStates.GetAsync(Database, _chunk));
    }

    [Fact]
    public async Task A_late_queued_does_not_undo_uploading()
    {
        await MoveAsync(ChunkState.Uploading);
        Assert.False(await MoveAsync(ChunkState.Queued));
        Assert.Equal("uploading", await ChunkStates.GetAsync(Database, _chunk));
    }

    [Fact]
    public async Task A_replayed_chunk_is_dead_no_longer()
    {
        await MoveAsync(ChunkState.Dead);
        Assert.Equal((0, 1), await ChunkStates.CountsAsync(Database, _chunk.Stream));
        await MoveAsync(ChunkState.Queued);
        Assert.Equal((0, 0), await ChunkStates.CountsAsync(Database, _chunk.Stream));
    }

    [Fact]
    public async Task A_dead_chunk_that_is_discarded_is_lost_unless_the_bucket_turns_out_to_hold_it()
    {
        await MoveAsync(ChunkState.Dead);
        Assert.True(await MoveAsync(ChunkState.Lost));
        Assert.Equal((0, 0), await ChunkStates.CountsAsync(Database, _chunk.Stream));
        foreach (var late in new[] { ChunkState.Queued, ChunkState.Uploading, ChunkState.Retrying, ChunkState.Dead, ChunkState.Lost })
            Assert.False(await MoveAsync(late));
        Assert.Equal("lost", await ChunkStates.GetAsync(Database, _chunk));
        Assert.True(await MoveAsync(ChunkState.Stored));
        Assert.False(await MoveAsync(ChunkState.Lost));
        Assert.Equal((1, 0), await ChunkStates.CountsAsync(Database, _chunk.Stream));
    }

    [Fact]
    public async Task Moves_made_while_redis_is_down_are_caught_up_with()
    {
        await using var own = new RedisServer();
        await own.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            $"{own.ConnectionString},abortConnect=false,connectRetry=1000,asyncTimeout=500,syncTimeout=500");
        using var reporter = new StateReporter(redis, TimeProvider.System, NullLogger<StateReporter>.Instance);
        await reporter.StartAsync(CancellationToken.None);

        await own.StopAsync();
        foreach (var state in new[] { ChunkState.Queued, ChunkState.Uploading, ChunkState.Stored })
            reporter.Report(new(_chunk, state, Now));
        await Until.TrueAsync(() => Task.FromResult(reporter.Waiting == 3));
        await own.StartAsync();

        await Until.TrueAsync(() => Task.FromResult(reporter.Waiting == 0));
        Assert.Equal("stored", await ChunkStates.GetAsync(redis.GetDatabase(), _chunk));
        await reporter.StopAsync(CancellationToken.None);
    }

    private Task<bool> MoveAsync(ChunkState to) => ChunkStates.MoveAsync(Database, new(_chunk, to, Now));
}
