using System.Collections.Concurrent;
using Crispy.StreamHandle.Supervising;

namespace Crispy.StreamHandle.Leasing;

/// <summary>A stream that this replica records.</summary>
/// <param name="Stream">Its id.</param>
/// <param name="Status">Tells what is known of it.</param>
/// <param name="Tenure">Its time here.</param>
internal sealed record HeldStream(string Stream, Func<StreamStatus> Status, Tenure Tenure);

/// <summary>The streams that this replica records. Safe for concurrent use.</summary>
internal sealed class HeldStreams(LeaseOptions options, LeaseStore store, LoadBalance balance, TimeProvider clock, ILogger log)
{
    private readonly ConcurrentDictionary<string, HeldStream> _held = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _held.Count;

    /// <summary>How many cost something. A finite source that is at its end is kept, so that nobody reads it again, and costs
    /// nothing.</summary>
    public int Load => _held.Values.Select(each => each.Status())
        .Count(status => !status.IsFinite || status.State is not (StreamState.Ended or StreamState.Failed));

    /// <summary>Whether one is about to be handed over.</summary>
    public bool IsHandingOver => _held.Values.Any(each => each.Tenure.Heir is not null);

    /// <summary>Those whose lease must be renewed now.</summary>
    public IReadOnlyList<HeldStream> Due => [.. _held.Values.Where(each => IsDue(each.Tenure))];

    /// <summary>One that may be handed over; null where there is none. A finite source stays where its beginning is.</summary>
    public HeldStream? Movable => _held.Values.FirstOrDefault(each => each.Status() is { IsFinite: false, State: not StreamState.Failed });

    /// <summary>One of them; null where it is not held.</summary>
    public HeldStream? Find(string stream) => _held.GetValueOrDefault(stream);

    /// <summary>Takes one.</summary>
    public void Add(HeldStream held) => _held[held.Stream] = held;

    /// <summary>Gives one up, after its last chunk. Where Redis does not answer, the lease ends by itself.</summary>
    public async Task EndAsync(string stream, Tenure tenure)
    {
        using var over = tenure;
        if (tenure.Grant is not { } grant) return;
        _held.TryRemove(stream, out _);
        if (tenure.Heir is { } heir && heir != store.Replica) balance.NoteGiven(stream);
        if (tenure.IsLost) return;
        try
        {
            await store.ReleaseAsync(stream, grant.Token, tenure.Heir, tenure.Last);
            Log.LeaseGivenUp(log, stream, grant.Token, tenure.Heir ?? "anyone");
        }
        catch (Exception away) when (LeaseStore.IsAway(away))
        {
            Log.LeasesAway(log, away.Message, Count, options.WhenRedisIsAway);
        }
    }

    /// <summary>How long a renewal may be relied on; null for as long as nobody says otherwise.</summary>
    public TimeSpan? Sure(StreamStatus status) => options.WhenRedisIsAway == RedisAway.Stop && !status.IsFinite ? options.Sure : null;

    private bool IsDue(Tenure tenure) => tenure.Last != tenure.Told || clock.GetElapsedTime(tenure.RenewedAt) >= options.Time / 3;
}
