using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>
/// What the upload-workers say of themselves, in Redis, so that other processes can show it:
/// <list type="bullet">
/// <item>string <c>crispy:worker:&lt;replica&gt;</c>: JSON (<see cref="WorkerReportJson"/>), gone <see cref="Life"/> after it was
/// written;</item>
/// <item>sorted set <c>crispy:workers</c>: the replicas by the end of that time, in milliseconds since 1970 by Redis' clock. So nobody has
/// to search all keys.</item>
/// </list>
/// A report is a hint for people. Who can write to Redis can write one: a reader takes little, and only what is well formed.
/// </summary>
public static class WorkerReports
{
    /// <summary>How many reports are read at most.</summary>
    public const int Most = 64;

    /// <summary>How long a report lives.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    private const string Prefix = "crispy:worker:";

    private const string Clock = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) ";

    // KEYS report, workers; ARGV replica, JSON, life. What another kind of value stands in the way of is replaced.
    private const string Telling = Clock + """
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        if redis.call('TYPE', KEYS[2]).ok ~= 'zset' then redis.call('DEL', KEYS[2]) end
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
        redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
        return 1
        """;

    // KEYS workers; ARGV prefix, most reports, longest name, longest report. Only what is short leaves Redis.
    private const string Reading = Clock + """
        local found = {}
        if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then return found end
        local named = redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf', 'LIMIT', 0, ARGV[2] * 4)
        for _, replica in ipairs(named) do
          local key = ARGV[1] .. replica
          local fits = #replica <= tonumber(ARGV[3]) and redis.call('TYPE', key).ok == 'string'
          if fits and redis.call('STRLEN', key) <= tonumber(ARGV[4]) then
            found[#found + 1] = replica
            found[#found + 1] = redis.call('GET', key)
          end
          if #found >= ARGV[2] * 2 then break end
        end
        return found
        """;

    private static readonly RedisKey Workers = "crispy:workers";

    /// <summary>Key of a worker's report.</summary>
    public static string Key(string replica) => Prefix + replica;

    /// <summary>Writes a worker's report; it replaces the one before.</summary>
    /// <exception cref="RedisException">Redis cannot be reached or fails.</exception>
    public static async Task TellAsync(IDatabase redis, WorkerReport report) => await redis.ScriptEvaluateAsync(
        Telling, [Key(report.Replica), Workers],
        [report.Replica, WorkerReportJson.Write(report), (long)Life.TotalMilliseconds]).ConfigureAwait(false);

    /// <summary>Takes a worker's report away: it ends on purpose.</summary>
    /// <exception cref="RedisException">Redis cannot be reached or fails.</exception>
    public static async Task WithdrawAsync(IDatabase redis, string replica)
    {
        await redis.KeyDeleteAsync(Key(replica)).ConfigureAwait(false);
        await redis.SortedSetRemoveAsync(Workers, replica).ConfigureAwait(false);
    }

    /// <summary>The reports of the workers that live, by name; at most <see cref="Most"/>. What is no report is passed over.</summary>
    /// <exception cref="RedisException">Redis cannot be reached or fails.</exception>
    public static async Task<IReadOnlyList<WorkerReport>> ReadAllAsync(IDatabase redis)
    {
        var answer = await redis.ScriptEvaluateAsync(
            Reading, [Workers], [Prefix, Most, WorkerReportJson.LongestName, WorkerReportJson.LongestReport]).ConfigureAwait(false);
        var pairs = (RedisValue[]?)answer ?? [];
        return [.. pairs.Chunk(2).Select(pair => WorkerReportJson.Read((string?)pair[0] ?? "", (byte[]?)pair[1] ?? []))
            .OfType<WorkerReport>().OrderBy(report => report.Replica, StringComparer.Ordinal)];
    }
}
