using System.Security.Cryptography;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;

namespace Crispy.StreamHandle.Tests;

/// <summary>Several stream-handle processes that share cameras, each with a spool of its own, on a Redis of their own.</summary>
public sealed class LeaseTests(Servers servers) : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly List<RunningStreamHandle> _replicas = [];
    private readonly HashSet<RunningStreamHandle> _dead = [];

    public ValueTask InitializeAsync() => _redis.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas) await replica.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static Dictionary<string, string>[] Cameras(int count) =>
        [.. Enumerable.Range(0, count)
            .Select(index =>
                new Dictionary<string, string> { ["Id"] = $"cam-{index}", ["Url"] = "demo:?size=64x48&fps=10", ["Window"] = "0.5",
                    ["Mode"] = "transcode" })];

    private async Task<RunningStreamHandle> StartAsync(int cameras, string whenRedisIsAway = "keep")
    {
        var replica = new RunningStreamHandle(servers, Cameras(cameras)).With("ConnectionStrings__redis", _redis.ConnectionString)
            .With("Crispy__Leases__Enabled", "true").With("Crispy__Leases__Time", "2")
            .With("Crispy__Leases__WhenRedisIsAway", whenRedisIsAway);
        _replicas.Add(replica);
        return await replica.StartAsync();
    }

    private async Task<List<string>> HeldAsync(RunningStreamHandle replica) =>
        _dead.Contains(replica)
        ? []
        : [.. (await replica.StatusAsync()).Streams.Where(stream => stream.State == StreamState.Running).Select(stream => stream.Id)];

    // Every camera is recorded by exactly one replica, in these numbers, and each has recorded something.
    private Task SharedAsync(params int[] shares) => Until.TrueAsync(async () =>
    {
        var held = await Task.WhenAll(_replicas.Select(HeldAsync));
        return held.Select(each => each.Count).Order().SequenceEqual(shares.Order())
            && held.SelectMany(each => each).Distinct().Count() == shares.Sum();
    }, TimeSpan.FromSeconds(120), $"cameras are shared {string.Join(':', shares)}",
    () => string.Join('\n', _replicas.Select(replica => replica.Log)));

    private static string Hash(ReadyChunk chunk) => Convert.ToHexStringLower(SHA256.HashData(chunk.ManifestBytes));

    private static async Task BalancedAsync(RunningStreamHandle replica)
    {
        foreach (var stream in (await replica.StatusAsync()).Streams)
        {
            Assert.True(stream.Law is null or { Balance: 0, Dead: 0 }, $"{stream.Id}: {stream.Law}");
            // A kill may come before anything of the open segment is on the disk.
            Assert.All(replica.Losses(stream.Id), loss => Assert.Equal(LossReason.Incomplete, loss.Record.Reason));
        }
    }

    // Chains of all spools side by side: each whole by itself, tokens only rise, and no time is recorded twice.
    private void AssertRecordedOnce(int cameras)
    {
        for (var camera = 0; camera < cameras; camera++)
        {
            var spools = _replicas.Select(replica => replica.Ready($"cam-{camera}")).Where(chunks => chunks.Count > 0).ToList();
            foreach (var (chunks, replica) in _replicas.Select(replica => (replica.Ready($"cam-{camera}"), replica))
                .Where(each => each.Item1.Count > 0))
            {
                ReadyChunk.AssertWhole(chunks, losses: replica.Losses($"cam-{camera}"));
                Assert.All(chunks, chunk => Assert.Equal(replica.SpoolName, chunk.Manifest.Lease?.Spool));
            }
            var all = spools.SelectMany(chunks => chunks).OrderBy(chunk => chunk.Manifest.From).ToList();
            foreach (var (before, after) in all.Zip(all.Skip(1))
                .Where(pair => pair.First.Manifest.Lease!.Token != pair.Second.Manifest.Lease!.Token))
            {
                Assert.True(after.Manifest.Lease!.Token > before.Manifest.Lease!.Token,
                    $"{after.Manifest.Chunk} has an older token than {before.Manifest.Chunk}");
                // Each place in time is an estimate by arrival.
                Assert.True(after.Manifest.From > before.Manifest.To - TimeSpan.FromSeconds(0.4),
                    $"{after.Manifest.Chunk} begins at {after.Manifest.From:O}, {before.Manifest.Chunk} ends at {before.Manifest.To:O}");
            }
            foreach (var named in all.Where(chunk => chunk.Manifest.Lease?.After is not null))
                Assert.Contains(all, chunk => chunk.Manifest.Chunk == named.Manifest.Lease!.After!.Chunk
                    && Hash(chunk) == named.Manifest.Lease.After.Sha256);
        }
    }

    [Fact]
    public async Task A_holder_that_is_killed_is_replaced_its_gap_is_declared_and_nothing_is_recorded_twice()
    {
        await StartAsync(2);
        await StartAsync(2);
        await SharedAsync(1, 1);
        var holder = _replicas[0];
        var camera = Assert.Single(await HeldAsync(holder));
        await holder.UntilAsync(camera, stream => stream.Captured.Chunks >= 3, "three chunks");
        await holder.KillAsync();
        await holder.EndAsync();
        _dead.Add(holder);
        var heir = _replicas[1];
        await heir.UntilAsync(camera, stream => stream is { State: StreamState.Running, Captured.Chunks: >= 2 },
            "the other replica records it");

        var last = holder.Ready(camera)[^1].Manifest;
        var first = heir.Ready(camera)[0].Manifest;
        Assert.Contains(ChunkFlag.Discontinuity, first.Flags);
        Assert.Equal((0, true), (first.Sequence, first.Lease!.After is not null));
        Assert.True(first.From - last.To < TimeSpan.FromSeconds(10), $"{last.To:O} to {first.From:O}");
        var gap = Assert.Single((await heir.StreamAsync(camera)).Gaps, gap => gap.Reason == "takeover");
        Assert.Equal(first.From, gap.To);

        // It comes back, closes what it left open, and gets its share again.
        _dead.Clear();
        await holder.StartAsync();
        await SharedAsync(1, 1);
        foreach (var replica in _replicas)
        {
            await BalancedAsync(replica);
            await replica.StopAsync();
        }
        AssertRecordedOnce(2);
        var closed = holder.Ready(camera).Last(chunk => chunk.Manifest.From < first.From).Manifest;
        Assert.True(closed.Flags.Contains(ChunkFlag.Final)
            || holder.Losses(camera).Any(loss => loss.Record.Sequence == closed.Sequence + 1), "what the holder left open is closed");
    }

    [Fact]
    public async Task A_replica_that_joins_gets_its_share_and_each_camera_is_closed_as_final_before_it_moves()
    {
        await StartAsync(6);
        await StartAsync(6);
        await SharedAsync(3, 3);
        foreach (var replica in _replicas)
            foreach (var camera in await HeldAsync(replica))
                await replica.UntilAsync(camera, stream => stream.Captured.Chunks >= 2, "two chunks of each");
        var third = await StartAsync(6);
        await SharedAsync(2, 2, 2);
        foreach (var camera in await HeldAsync(third))
        {
            await third.UntilAsync(camera, stream => stream.Captured.Chunks >= 1, "a chunk");
            Assert.Single((await third.StreamAsync(camera)).Gaps, gap => gap.Reason == "rebalance");
            var before = Assert.Single(_replicas, replica => replica != third && replica.Ready(camera).Count > 0).Ready(camera)[^1];
            Assert.Contains(ChunkFlag.Final, before.Manifest.Flags);
            Assert.Equal((before.Manifest.Chunk, Hash(before)),
                (third.Ready(camera)[0].Manifest.Lease!.After!.Chunk, third.Ready(camera)[0].Manifest.Lease!.After!.Sha256));
        }
        foreach (var replica in _replicas) Assert.Equal(System.Net.HttpStatusCode.OK, (await replica.GetAsync("/health")).StatusCode);
        foreach (var replica in _replicas)
        {
            await BalancedAsync(replica);
            await replica.StopAsync();
        }
        AssertRecordedOnce(6);
    }

    [Fact]
    public async Task A_stream_that_nobody_took_comes_back_and_is_offered_again_after_a_rest()
    {
        var holder = await StartAsync(2);
        await SharedAsync(2);
        await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        int Offers() => holder.Log.Split("goes to idle", StringSplitOptions.None).Length - 1;
        // Another replica says that it lives and takes nothing.
        await Until.TrueAsync(async () =>
        {
            await StreamLeases.AnnounceAsync(redis.GetDatabase(), "idle", 0, TimeSpan.FromSeconds(2));
            return Offers() >= 2;
        }, TimeSpan.FromSeconds(120), "a second offer");
        await StreamLeases.LeaveAsync(redis.GetDatabase(), "idle");
        await SharedAsync(2);
        await holder.StopAsync();
        AssertRecordedOnce(2);
    }

    [Fact]
    public async Task Without_Redis_holders_record_on_and_a_wiped_Redis_learns_from_them_who_they_are()
    {
        await StartAsync(2);
        await StartAsync(2);
        await SharedAsync(1, 1);
        var held = await Task.WhenAll(_replicas.Select(HeldAsync));
        await _redis.StopAsync();
        foreach (var (replica, cameras) in _replicas.Zip(held))
        {
            var before = (await replica.StreamAsync(cameras[0])).Captured.Chunks;
            // Ten chunks are 5 s, more than two lease times.
            await replica.UntilAsync(cameras[0],
                stream => stream is { State: StreamState.Running } && stream.Captured.Chunks >= before + 10, "it records on");
        }
        await _redis.StartAsync();
        foreach (var (replica, cameras) in _replicas.Zip(held))
        {
            await Until.TrueAsync(() =>
                replica.Log.Contains("Redis can be reached again", StringComparison.Ordinal), what: "Redis is back");
            var before = (await replica.StreamAsync(cameras[0])).Captured.Chunks;
            await replica.UntilAsync(cameras[0], stream => stream.Captured.Chunks >= before + 10, "it records on");
            Assert.Single(replica.Ready(cameras[0]).Select(chunk => chunk.Manifest.Lease!.Token).Distinct());
        }
        Assert.Equal(held, await Task.WhenAll(_replicas.Select(HeldAsync)));
        foreach (var replica in _replicas) await replica.StopAsync();
        AssertRecordedOnce(2);
    }

    [Fact]
    public async Task Told_to_stop_without_Redis_holders_stop_before_their_leases_are_over_and_go_on_when_it_is_back()
    {
        var replica = await StartAsync(1, whenRedisIsAway: "stop");
        await SharedAsync(1);
        await replica.UntilAsync("cam-0", stream => stream.Captured.Chunks >= 2, "two chunks");
        await _redis.FreezeAsync();
        await replica.UntilAsync("cam-0", stream => stream.State == StreamState.Standby, "it stops");
        Assert.Contains(ChunkFlag.Final, replica.Ready("cam-0")[^1].Manifest.Flags);
        await _redis.ThawAsync();
        var before = (await replica.StreamAsync("cam-0")).Captured.Chunks;
        await replica.UntilAsync("cam-0", stream => stream.Captured.Chunks >= before + 2, "it goes on");
        Assert.Single((await replica.StreamAsync("cam-0")).Gaps);
        await replica.StopAsync();
        ReadyChunk.AssertWhole(replica.Ready("cam-0"));
        Assert.Equal(2, replica.Ready("cam-0").Select(chunk => chunk.Manifest.Lease!.Token).Distinct().Count());
    }

    [Fact]
    public async Task A_replica_that_is_cut_off_ends_a_stream_as_soon_as_it_learns_of_a_greater_token()
    {
        var replica = await StartAsync(1);
        await SharedAsync(1);
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var key = StreamLeases.Key("cam-0");
        var token = (long)await connection.GetDatabase().HashGetAsync(key, "token");
        await connection.GetDatabase()
            .HashSetAsync(key, [new("holder", "other/1"), new("token", token + 1_000_000), new("until", 9_000_000_000_000)]);
        await replica.UntilAsync("cam-0", stream => stream.State == StreamState.Standby, "it ends");
        Assert.Contains("another replica has a greater token", replica.Log, StringComparison.Ordinal);
        Assert.Contains(ChunkFlag.Final, replica.Ready("cam-0")[^1].Manifest.Flags);
    }
}
