using System.Globalization;
using Crispy.Contracts;
using Crispy.Coordination;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Crispy.Archive.Chunks;

/// <summary>What Redis remembers of a chunk.</summary>
/// <param name="States">Oldest first.</param>
/// <param name="Attempts">How often its upload was begun; null where it was not.</param>
/// <param name="Object">The object's name, where known.</param>
internal sealed record RememberedStates(IReadOnlyList<StateEntry> States, long? Attempts, string? Object);

/// <summary>Reads the hash <c>crispy:chunk:&lt;id&gt;</c>. Redis is on the side: without it the archive answers all the same.</summary>
internal sealed class StateHistory(IConnectionMultiplexer? redis, TimeProvider time, ILogger<StateHistory> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly ChunkState[] States = Enum.GetValues<ChunkState>();

    /// <returns>Null where Redis cannot be asked.</returns>
    public async Task<RememberedStates?> ReadAsync(ChunkId id, CancellationToken cancellation)
    {
        if (redis is not { IsConnected: true }) return null;
        try
        {
            var fields = (await redis.GetDatabase().HashGetAllAsync(ChunkStates.Key(id))
                .WaitAsync(Patience, time, cancellation).ConfigureAwait(false))
                .ToDictionary(field => (string)field.Name!, field => (string?)field.Value, StringComparer.Ordinal);
            return new(Entries(fields), Number(fields.GetValueOrDefault("attempts")), fields.GetValueOrDefault("object"));
        }
        catch (Exception away) when (away is RedisException or TimeoutException)
        {
            Log.StatesAway(logger, away.Message);
            return null;
        }
    }

    private static List<StateEntry> Entries(Dictionary<string, string?> fields)
    {
        var entries = new List<StateEntry>();
        foreach (var state in States.Select(ChunkStates.Name))
        {
            if (!DateTimeOffset.TryParse(fields.GetValueOrDefault(state + "At"), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
                continue;
            entries.Add(new(state, at, null));
        }
        entries.Sort((left, right) => left.At.CompareTo(right.At));
        // Only the last error is remembered: it led to the last failure.
        if (fields.GetValueOrDefault("error") is { Length: > 0 } error
            && entries.FindLastIndex(entry => entry.State is "retrying" or "dead") is >= 0 and var index)
            entries[index] = entries[index] with { Error = error };
        return entries;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
