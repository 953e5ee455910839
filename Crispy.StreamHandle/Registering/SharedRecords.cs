using Crispy.Contracts;
using Crispy.Coordination;
using StackExchange.Redis;

namespace Crispy.StreamHandle.Registering;

/// <summary>The records of all replicas, in Redis: signed when they are written, and believed only with the signature of a known
/// key.</summary>
public sealed class SharedRecords(
    IConnectionMultiplexer redis, ManifestSigner signer, ManifestVerifier verifier, ILogger<DefinitionShare> log)
{
    /// <summary>Redis can be reached again.</summary>
    public event EventHandler<ConnectionFailedEventArgs> Restored
    {
        add => redis.ConnectionRestored += value;
        remove => redis.ConnectionRestored -= value;
    }

    /// <summary>Hears of each change from now on.</summary>
    /// <param name="changed">Gets the stream's id; null for any.</param>
    public Task ListenAsync(Action<string?> changed) =>
        redis.GetSubscriber().SubscribeAsync(SharedDefinitions.Changed, (_, stream) => changed((string?)stream));

    /// <summary>All of them, by stream; null where one cannot be believed.</summary>
    internal async Task<IReadOnlyDictionary<string, StreamRecord?>> GetAllAsync()
    {
        var shared = await SharedDefinitions.GetAllAsync(redis.GetDatabase());
        return shared.ToDictionary(each => each.Key, each => TryParse(each.Key, each.Value), StringComparer.Ordinal);
    }

    /// <summary>One stream's; null where there is none, or it cannot be believed.</summary>
    internal async Task<StreamRecord?> GetAsync(string stream) =>
        await SharedDefinitions.GetAsync(redis.GetDatabase(), stream) is { } json ? TryParse(stream, json) : null;

    /// <summary>Writes a record where it is newer.</summary>
    internal Task OfferAsync(StreamRecord record)
    {
        var shared = SharedRecord.Of(record, signer);
        return SharedDefinitions.OfferAsync(redis.GetDatabase(), record.Id, shared.Version, shared.Changed, shared.ToJson());
    }

    private StreamRecord? TryParse(string stream, byte[] json)
    {
        try
        {
            return SharedRecord.Parse(stream, json, verifier);
        }
        catch (FormatException unreadable)
        {
            Log.RecordUnreadable(log, $"crispy:streams {stream}", unreadable.Message);
            return null;
        }
    }
}
