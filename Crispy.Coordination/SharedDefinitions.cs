using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>What replicas of stream-handle tell each other of the streams that the API decided about. The hash <c>crispy:streams</c> has a
/// field for each stream's id, with JSON that has <c>version</c> (a number) and <c>changed</c> (ISO 8601, UTC). The channel
/// <c>crispy:streams:changed</c> names the stream. The greater version counts, of equal ones the later. The
/// values are signed by their writers, and hold addresses with passwords.</summary>
public static class SharedDefinitions
{
    private static readonly RedisKey Hash = "crispy:streams";

    // KEYS hash; ARGV id, version, changed, JSON, channel
    private const string Offering = """
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        if known then
          local ok, record = pcall(cjson.decode, known)
          if ok and (record.version > tonumber(ARGV[2])
            or (record.version == tonumber(ARGV[2]) and record.changed >= ARGV[3])) then return 0 end
        end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
        redis.call('PUBLISH', ARGV[5], ARGV[1])
        return 1
        """;

    /// <summary>Where a change is told; the message is the stream's id.</summary>
    public static RedisChannel Changed { get; } = RedisChannel.Literal("crispy:streams:changed");

    /// <summary>Tells of a stream, unless what is known there is as new.</summary>
    /// <param name="redis">The database.</param>
    /// <param name="id">The stream.</param>
    /// <param name="version">Its version.</param>
    /// <param name="changed">As it stands in the JSON.</param>
    /// <param name="json">Its record.</param>
    /// <exception cref="RedisException">Redis cannot be reached or fails.</exception>
    public static async Task OfferAsync(IDatabase redis, string id, long version, string changed, byte[] json) =>
        await redis.ScriptEvaluateAsync(Offering, [Hash], [id, version, changed, json, (string)Changed!]).ConfigureAwait(false);

    /// <summary>One stream's record; null where there is none.</summary>
    public static async Task<byte[]?> GetAsync(IDatabase redis, string id) => await redis.HashGetAsync(Hash, id).ConfigureAwait(false);

    /// <summary>All records, by the streams' ids.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> GetAllAsync(IDatabase redis) =>
        (await redis.HashGetAllAsync(Hash).ConfigureAwait(false))
        .ToDictionary(field => (string)field.Name!, field => (byte[])field.Value!, StringComparer.Ordinal);
}
