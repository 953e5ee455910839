using Crispy.Coordination;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Tests;

/// <summary>The scripts in Redis, one by one.</summary>
public sealed class StreamLeasesTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);
    private static readonly LeasedLink Link =
        new(new("gate/20261122T170844123Z/00000007", new('a', 64)), new(2026, 11, 22, 17, 9, 0, TimeSpan.Zero));
    private readonly RedisServer _server = new();
    private ConnectionMultiplexer _connection = null!;

    private IDatabase Redis => _connection.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        await StreamLeases.AnnounceAsync(Redis, "north/1", 0, Long);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    // As if Redis had known leases for long: nobody needs time to speak any more.
    private async Task<LeaseGrant> TakenAsync(string replica, TimeSpan time)
    {
        await Redis.StringSetAsync("crispy:leases:since", 1);
        LeaseGrant? grant = null;
        await Until.TrueAsync(async () => (grant = await StreamLeases.AcquireAsync(Redis, "gate", replica, time)) is not null);
        return grant!;
    }

    private Task<LeaseGrant?> TryAsync(string replica, TimeSpan time, bool ownOnly = false) =>
        StreamLeases.AcquireAsync(Redis, "gate", replica, time, ownOnly);

    [Fact]
    public async Task A_stream_that_nobody_knows_of_is_given_to_nobody_until_its_holder_had_time_to_speak()
    {
        Assert.Null(await TryAsync("south/2", Long));
        // Its holder speaks: Redis was wiped under it.
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", 1_795_000_000_000, Long, pinned: false, Link));
        Assert.Null(await TryAsync("south/2", Short));
        Assert.Equal("north/1", (string?)await Redis.HashGetAsync(StreamLeases.Key("gate"), "holder"));
    }

    [Fact]
    public async Task A_lease_that_is_over_goes_to_the_next_one_with_a_greater_token_and_what_was_recorded_last()
    {
        var first = await TakenAsync("north/1", Short);
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Short, pinned: false, Link));
        var second = await TakenAsync("south/2", Long);
        Assert.True(second.Token > first.Token);
        Assert.Equal(("north/1", Link, false), (second.Holder, second.Last, second.HandedOver));

        Assert.False(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Long, pinned: false, null),
            "the old token is fenced off");
        Assert.False(await StreamLeases.ReleaseAsync(Redis, "gate", "north/1", first.Token, Long, null, null));
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "south/2", second.Token, Long, pinned: false, null));
    }

    [Fact]
    public async Task A_holder_that_starts_again_has_its_own_back_at_once_and_nobody_else_does()
    {
        var first = await TakenAsync("north/1", Short);
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Long, pinned: false, null));
        Assert.Null(await TryAsync("south/2", Long));
        Assert.Null(await TryAsync("south/2", Long, ownOnly: true));
        var again = Assert.IsType<LeaseGrant>(await TryAsync("north/1", Long, ownOnly: true));
        Assert.True(again.Token > first.Token);
    }

    [Fact]
    public async Task A_lease_given_back_for_an_heir_is_kept_for_the_heir_and_for_anyone_when_it_does_not_come()
    {
        var first = await TakenAsync("north/1", Short);
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Long, pinned: false, null));
        Assert.True(await StreamLeases.ReleaseAsync(Redis, "gate", "north/1", first.Token, Long, "south/2", Link));
        Assert.Null(await TryAsync("west/3", Long));
        Assert.Null(await TryAsync("north/1", Long));
        var heir = Assert.IsType<LeaseGrant>(await TryAsync("south/2", Long));
        Assert.Equal(("north/1", Link, true), (heir.Holder, heir.Last, heir.HandedOver));

        Assert.True(await StreamLeases.ReleaseAsync(Redis, "gate", "south/2", heir.Token, Short, "nobody/4", null));
        Assert.False((await TakenAsync("west/3", Long)).HandedOver);
    }

    [Fact]
    public async Task A_finite_source_stays_with_the_one_that_began_it()
    {
        var first = await TakenAsync("north/1", Short);
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Short, pinned: true, null));
        var view = await StreamLeases.AnnounceAsync(Redis, "south/2", 0, Long);
        Assert.Empty(await StreamLeases.FreeAsync(Redis, view.Now + 1_000_000_000_000));
        Assert.Null(await TryAsync("south/2", Long));
    }

    [Fact]
    public async Task Free_streams_are_found_and_replicas_that_are_silent_do_not_count()
    {
        await StreamLeases.RegisterAsync(Redis, ["gate", "yard"]);
        var first = await TakenAsync("north/1", Short);
        Assert.True(await StreamLeases.RenewAsync(Redis, "gate", "north/1", first.Token, Long, pinned: false, null));
        await StreamLeases.RegisterAsync(Redis, ["gate", "yard"]);
        var view = await StreamLeases.AnnounceAsync(Redis, "south/2", 3, Short);
        Assert.Equal(["yard"], (await StreamLeases.FreeAsync(Redis, view.Now)).Keys);
        Assert.Equal(3, view.Held["south/2"]);
        await Until.TrueAsync(async () => !(await StreamLeases.AnnounceAsync(Redis, "north/1", 1, Long)).Held.ContainsKey("south/2"));
        await StreamLeases.LeaveAsync(Redis, "north/1");
        Assert.Equal(["south/2"], (await StreamLeases.AnnounceAsync(Redis, "south/2", 0, Long)).Held.Keys);
    }

    [Fact]
    public async Task Of_many_that_want_it_at_once_one_gets_it()
    {
        await TakenAsync("north/1", Short);
        await Until.TrueAsync(async () =>
        {
            var grants = await Task.WhenAll(Enumerable.Range(0, 20).Select(index => TryAsync($"replica-{index}/0", Long)));
            Assert.InRange(grants.Count(grant => grant is not null), 0, 1);
            return grants.Any(grant => grant is not null);
        });
    }
}
