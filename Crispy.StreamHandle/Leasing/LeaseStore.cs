using Crispy.Coordination;
using Crispy.StreamHandle.Spooling;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Leasing;

/// <summary>The leases in Redis, as one replica uses them.</summary>
internal sealed class LeaseStore(LeaseOptions options, SpoolOptions spool, IConnectionMultiplexer redis, TimeProvider clock)
{
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(3);

    private readonly Lazy<string> _replica = new(() => ReplicaName.Of(spool));

    /// <summary>This replica's name in Redis.</summary>
    public string Replica => _replica.Value;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Whether a failure says that Redis cannot be used now.</summary>
    public static bool IsAway(Exception failure) => failure is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>Says that this replica lives, and learns of the others.</summary>
    /// <param name="load">How many streams it records.</param>
    public Task<LeaseView> AnnounceAsync(int load) => StreamLeases.AnnounceAsync(Database, Replica, load, options.Time);

    /// <summary>Makes streams known, so that they are found before anyone recorded them.</summary>
    public Task RegisterAsync(IEnumerable<string> streams) => StreamLeases.RegisterAsync(Database, streams);

    /// <summary>Streams whose lease is over, with the time at which it ended; 0 for those that never had one.</summary>
    /// <param name="now">Redis' clock.</param>
    public Task<IReadOnlyDictionary<string, long>> FreeAsync(long now) => StreamLeases.FreeAsync(Database, now);

    /// <summary>Forgets a stream that nobody asked for any more.</summary>
    public Task ForgetAsync(string stream) => StreamLeases.ForgetAsync(Database, stream);

    /// <summary>Tries to get a stream's lease.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="ownOnly">Only where this replica had it in a former life.</param>
    /// <returns>Null where somebody else has it, or may have it.</returns>
    public Task<LeaseGrant?> AcquireAsync(string stream, bool ownOnly) =>
        StreamLeases.AcquireAsync(Database, stream, Replica, options.Time, ownOnly);

    /// <summary>Renews a lease, and tells how far the stream is.</summary>
    /// <returns>False where another replica has a greater token.</returns>
    public Task<bool> RenewAsync(string stream, long token, bool isPinned, LeasedLink? last) =>
        StreamLeases.RenewAsync(Database, stream, Replica, token, options.Time, isPinned, last);

    /// <summary>Gives a lease back, within 3 s or not at all.</summary>
    public Task ReleaseAsync(string stream, long token, string? heir, LeasedLink? last) =>
        StreamLeases.ReleaseAsync(Database, stream, Replica, token, options.Time, heir, last).WaitAsync(ReleaseLimit, clock);

    /// <summary>Says that this replica is gone. Where Redis does not answer, its membership ends by itself.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await StreamLeases.LeaveAsync(Database, Replica).WaitAsync(ReleaseLimit, clock);
        }
        catch (Exception away) when (IsAway(away))
        {
            // By itself.
        }
    }
}
