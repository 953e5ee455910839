using System.Globalization;
using Crispy.Contracts;
using StackExchange.Redis;

namespace Crispy.Coordination;

/// <summary>One move of a chunk's state.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="To">The state it enters.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Object">The object's name, where known.</param>
/// <param name="Generation">The stored object's generation, where known.</param>
/// <param name="Error">The last error, where there is one.</param>
public sealed record ChunkMove(ChunkId Chunk, ChunkState To, DateTimeOffset At, string? Object = null,
    long? Generation = null, string? Error = null);

/// <summary>The state of each chunk in Redis: the hash <c>crispy:chunk:&lt;id&gt;</c>, kept for 7 days, and the stream's counters
/// <c>stored</c> and <c>dead</c> in <c>crispy:stream:&lt;stream&gt;</c>. Every move is a compare-and-set,
/// so that a late or repeated one changes nothing.</summary>
public static class ChunkStates
{
    /// <summary>How long a chunk's state is kept after its last move.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // Redis may have been wiped: from "absent" every state can be entered. A replay takes "dead" back to "queued".
    private const string Script = """
        local now = redis.call('HGET', KEYS[1], 'state') or 'absent'
        if not string.find(ARGV[2], ' ' .. now .. ' ', 1, true) then return 0 end
        redis.call('HSET', KEYS[1], 'state', ARGV[1], ARGV[1] .. 'At', ARGV[3])
        for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        if ARGV[1] == 'uploading' then redis.call('HINCRBY', KEYS[1], 'attempts', 1) end
        if now == 'dead' then redis.call('HINCRBY', KEYS[2], 'dead', -1) end
        if ARGV[1] == 'stored' or ARGV[1] == 'dead' then redis.call('HINCRBY', KEYS[2], ARGV[1], 1) end
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    /// <summary>Key of a chunk's hash.</summary>
    public static string Key(ChunkId chunk) => $"crispy:chunk:{chunk}";

    /// <summary>Key of a stream's hash.</summary>
    public static string StreamKey(string stream) => $"crispy:stream:{stream}";

    /// <summary>A state as it stands in Redis.</summary>
    public static string Name(ChunkState state) => state switch
    {
        ChunkState.Queued => "queued",
        ChunkState.Uploading => "uploading",
        ChunkState.Stored => "stored",
        ChunkState.Retrying => "retrying",
        ChunkState.Dead => "dead",
        ChunkState.Lost => "lost",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a state"),
    };

    /// <summary>Tries one move.</summary>
    /// <returns>False where the chunk's present state does not allow it.</returns>
    /// <exception cref="RedisException">Redis cannot be reached or fails.</exception>
    public static async Task<bool> MoveAsync(IDatabase redis, ChunkMove move)
    {
        RedisKey[] keys = [Key(move.Chunk), StreamKey(move.Chunk.Stream)];
        List<RedisValue> arguments = [Name(move.To), MayComeFrom(move.To), Instants.Format(move.At), (long)Kept.TotalSeconds];
        if (move.Object is not null) arguments.AddRange(["object", move.Object]);
        if (move.Generation is { } generation) arguments.AddRange(["generation", generation]);
        if (move.Error is not null) arguments.AddRange(["error", move.Error]);
        return (long)await redis.ScriptEvaluateAsync(Script, keys, [.. arguments]).ConfigureAwait(false) == 1;
    }

    /// <summary>A chunk's state; null where Redis knows none.</summary>
    public static async Task<string?> GetAsync(IDatabase redis, ChunkId chunk) =>
        await redis.HashGetAsync(Key(chunk), "state").ConfigureAwait(false);

    /// <summary>How many chunks of a stream have been stored and are dead, as far as Redis knows.</summary>
    public static async Task<(long Stored, long Dead)> CountsAsync(IDatabase redis, string stream)
    {
        var values = await redis.HashGetAsync(StreamKey(stream), ["stored", "dead"]).ConfigureAwait(false);
        return (Count(values[0]), Count(values[1]));
    }

    private static long Count(RedisValue value) =>
        long.TryParse((string?)value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? count : 0;

    private static string MayComeFrom(ChunkState to) => to switch
    {
        ChunkState.Queued => " absent dead ",
        ChunkState.Uploading => " absent queued uploading retrying ",
        // A declaration is taken back where the bucket turns out to hold the chunk.
        ChunkState.Stored => " absent queued uploading retrying dead lost ",
        ChunkState.Lost => " absent queued uploading retrying dead ",
        _ => " absent queued uploading retrying ",
    };
}
