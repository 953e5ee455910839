using System.Globalization;
using Crispy.Contracts;
using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>The last link of the chain of the replica that recorded a stream, and when its video ends.</summary>
/// <param name="End">The link.</param>
/// <param name="To">UTC time at which it ends.</param>
public sealed record LeasedLink(ChainEnd End, DateTimeOffset To);

/// <summary>A stream's lease that was got.</summary>
/// <param name="Token">The fencing token: greater than every one before it.</param>
/// <param name="Holder">Who had it before; null for nobody.</param>
/// <param name="Last">What that one recorded last, as far as it told; null where it told nothing.</param>
/// <param name="HandedOver">Whether it was handed over to this replica on purpose.</param>
public sealed record LeaseGrant(long Token, string? Holder, LeasedLink? Last, bool HandedOver);

/// <summary>The replicas that share the streams.</summary>
/// <param name="Now">Redis' clock, milliseconds since 1970: the only clock that leases are judged by.</param>
/// <param name="Since">Since when this Redis knows leases, on the same clock; another value means that it has been wiped.</param>
/// <param name="Held">How many streams each living replica records, this one included.</param>
public sealed record LeaseView(long Now, long Since, IReadOnlyDictionary<string, int> Held);

/// <summary>
/// Which replica of stream-handle records a stream, in Redis. Each step is one script, so that two replicas never both succeed:
/// <list type="bullet">
/// <item>hash <c>crispy:lease:&lt;stream&gt;</c> {<c>holder</c>, <c>token</c>, <c>until</c>; <c>last</c> holder and its last link
/// <c>chunk</c>, <c>sha256</c>, <c>to</c>; <c>heir</c>, <c>heirUntil</c>};</item>
/// <item>sorted set <c>crispy:leases</c>: each stream by the end of its lease, so that free ones are found without asking for each;</item>
/// <item>sorted set <c>crispy:replicas</c> by the end of their membership, and hash <c>crispy:replicas:held</c>;</item>
/// <item><c>crispy:leases:since</c>: when this Redis began to know leases. Until <see cref="Grace"/> has passed after it, nobody gets a
/// stream that is not known. After a wipe its holder must have had the time to say so.</item>
/// </list>
/// Times are Redis' own, in milliseconds since 1970. A record is never deleted by time: that it is there, and over,
/// is what tells a dead holder from a wiped Redis.
/// </summary>
public static class StreamLeases
{
    private const string Clock = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) ";

    // KEYS replicas, held, since; ARGV id, held, lease time
    private const string Announcement = Clock + """
        redis.call('SET', KEYS[3], now, 'NX')
        for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do redis.call('HDEL', KEYS[2], gone) end
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        return { now, redis.call('GET', KEYS[3]), redis.call('HGETALL', KEYS[2]) }
        """;

    // KEYS lease, leases, since; ARGV stream, id, lease time, 1 for what was its own in a former life only, grace
    private const string Acquisition = Clock + """
        local lease = redis.call('HMGET', KEYS[1], 'holder', 'token', 'until', 'chunk', 'sha256', 'to', 'heir', 'heirUntil', 'last')
        local holder, last = lease[1] or '', tonumber(lease[2] or 0)
        local own = holder == ARGV[2]
        if ARGV[4] == '1' and not own then return false end
        if not lease[2] and now < tonumber(redis.call('GET', KEYS[3]) or now) + ARGV[5] then return false end
        if holder ~= '' and not own and tonumber(lease[3] or 0) > now then return false end
        if lease[7] and lease[7] ~= ARGV[2] and tonumber(lease[8] or 0) > now then return false end
        local token = math.max(last + 1, now)
        redis.call('HSET', KEYS[1], 'holder', ARGV[2], 'last', ARGV[2],
          'token', string.format('%.0f', token), 'until', string.format('%.0f', now + ARGV[3]))
        redis.call('HDEL', KEYS[1], 'heir', 'heirUntil')
        redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
        return { string.format('%.0f', token), lease[9] or '', lease[4] or '', lease[5] or '', lease[6] or '',
          (lease[7] == ARGV[2]) and 1 or 0 }
        """;

    // KEYS lease, leases; ARGV stream, id, token, lease time, pinned, chunk, sha256, to. Where Redis was wiped, or set back,
    // the greater token is the truth.
    private const string Renewal = Clock + """
        local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
        local known, mine = tonumber(lease[2] or 0), tonumber(ARGV[3])
        if known > mine or (known == mine and lease[1] ~= ARGV[2]) then return 0 end
        local till = now + ARGV[4]
        if ARGV[5] == '1' then till = 9007199254740991 end
        redis.call('HSET', KEYS[1], 'holder', ARGV[2], 'last', ARGV[2], 'token', ARGV[3], 'until', string.format('%.0f', till))
        if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'chunk', ARGV[6], 'sha256', ARGV[7], 'to', ARGV[8]) end
        redis.call('ZADD', KEYS[2], till, ARGV[1])
        return 1
        """;

    // KEYS lease, leases; ARGV stream, id, token, lease time, heir, chunk, sha256, to
    private const string Release = Clock + """
        local lease = redis.call('HMGET', KEYS[1], 'holder', 'token')
        if lease[1] ~= ARGV[2] or lease[2] ~= ARGV[3] then return 0 end
        redis.call('HSET', KEYS[1], 'holder', '', 'until', now)
        if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'heir', ARGV[5], 'heirUntil', string.format('%.0f', now + ARGV[4])) end
        if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'chunk', ARGV[6], 'sha256', ARGV[7], 'to', ARGV[8]) end
        redis.call('ZADD', KEYS[2], now, ARGV[1])
        return 1
        """;

    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(10);
    private static readonly RedisKey Index = "crispy:leases";
    private static readonly RedisKey SinceKey = "crispy:leases:since";

    /// <summary>How long a Redis that knows nothing waits for holders to speak: they must have found it again by then,
    /// and renewed.</summary>
    /// <param name="time">How long a lease holds.</param>
    public static TimeSpan Grace(TimeSpan time) => time * 2 > LeastGrace ? time * 2 : LeastGrace;

    /// <summary>Key of a stream's lease.</summary>
    public static string Key(string stream) => $"crispy:lease:{stream}";

    /// <summary>Says that a replica lives, and learns of the others.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="replica">Names the replica for good.</param>
    /// <param name="held">How many streams it records.</param>
    /// <param name="time">How long its word holds.</param>
    public static async Task<LeaseView> AnnounceAsync(IDatabase redis, string replica, int held, TimeSpan time)
    {
        var answer =
            (RedisResult[])(await redis.ScriptEvaluateAsync(Announcement, ["crispy:replicas", "crispy:replicas:held", SinceKey],
                [replica, held, Milliseconds(time)]).ConfigureAwait(false))!;
        var pairs = (string[])answer[2]!;
        var all = pairs.Chunk(2)
            .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return new((long)answer[0], long.Parse((string)answer[1]!, CultureInfo.InvariantCulture), all);
    }

    /// <summary>Says that a replica is gone, so that nobody counts on it.</summary>
    public static async Task LeaveAsync(IDatabase redis, string replica)
    {
        await redis.SortedSetRemoveAsync("crispy:replicas", replica).ConfigureAwait(false);
        await redis.HashDeleteAsync("crispy:replicas:held", replica).ConfigureAwait(false);
    }

    /// <summary>Makes streams known, so that <see cref="FreeAsync"/> finds them before anyone ever recorded them.</summary>
    public static Task RegisterAsync(IDatabase redis, IEnumerable<string> streams) =>
        redis.SortedSetAddAsync(Index, [.. streams.Select(stream => new SortedSetEntry(stream, 0))], When.NotExists);

    /// <summary>Streams whose lease is over, with the time at which it ended; 0 for those that never had one.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="now">Redis' clock.</param>
    public static async Task<IReadOnlyDictionary<string, long>> FreeAsync(IDatabase redis, long now) =>
        (await redis.SortedSetRangeByScoreWithScoresAsync(Index, double.NegativeInfinity, now).ConfigureAwait(false))
        .ToDictionary(entry => (string)entry.Element!, entry => (long)entry.Score, StringComparer.Ordinal);

    /// <summary>Forgets a stream that nobody asked for any more: it is found again when somebody registers it.</summary>
    public static Task ForgetAsync(IDatabase redis, string stream) => redis.SortedSetRemoveAsync(Index, stream);

    /// <summary>Tries to get a stream's lease.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="replica">Who wants it.</param>
    /// <param name="time">How long it holds unless renewed.</param>
    /// <param name="ownOnly">Only where the same replica had it in a former life.</param>
    /// <returns>Null where somebody else has it, or may have it.</returns>
    public static async Task<LeaseGrant?> AcquireAsync(IDatabase redis, string stream, string replica, TimeSpan time, bool ownOnly = false)
    {
        var answer = await redis.ScriptEvaluateAsync(Acquisition, [Key(stream), Index, SinceKey],
            [stream, replica, Milliseconds(time), ownOnly ? 1 : 0, Milliseconds(Grace(time))]).ConfigureAwait(false);
        if (answer.IsNull) return null;
        var parts = (string[])answer!;
        var last = parts[2].Length > 0 ? new LeasedLink(new(parts[2], parts[3]), Instant(parts[4])) : null;
        return new(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1].Length > 0 ? parts[1] : null, last, parts[5] == "1");
    }

    /// <summary>Renews a lease, and tells how far the stream is.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="replica">Who has it.</param>
    /// <param name="token">Its fencing token.</param>
    /// <param name="time">How long it holds from now.</param>
    /// <param name="pinned">Whether it holds for ever instead.</param>
    /// <param name="last">The last link; null before the first.</param>
    /// <returns>False where somebody has a greater token: the lease is lost.</returns>
    public static async Task<bool> RenewAsync(IDatabase redis, string stream, string replica, long token, TimeSpan time,
        bool pinned, LeasedLink? last) =>
        (long)await redis.ScriptEvaluateAsync(Renewal, [Key(stream), Index],
            [stream, replica, token, Milliseconds(time), pinned ? 1 : 0, .. Values(last)]).ConfigureAwait(false) == 1;

    /// <summary>Gives a lease back.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="replica">Who has it.</param>
    /// <param name="token">Its fencing token.</param>
    /// <param name="time">For how long nobody but the heir may take it.</param>
    /// <param name="heir">Who is to have it next; null for anyone.</param>
    /// <param name="last">The last link; null where there was none.</param>
    public static async Task<bool> ReleaseAsync(IDatabase redis, string stream, string replica, long token, TimeSpan time,
        string? heir, LeasedLink? last) =>
        (long)await redis.ScriptEvaluateAsync(Release, [Key(stream), Index],
            [stream, replica, token, Milliseconds(time), heir ?? "", .. Values(last)]).ConfigureAwait(false) == 1;

    private static RedisValue[] Values(LeasedLink? last) =>
        last is null ? ["", "", ""] : [last.End.Chunk, last.End.Sha256, Instants.Format(last.To)];

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
