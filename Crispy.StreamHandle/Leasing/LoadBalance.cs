using Crispy.Coordination;

namespace Crispy.StreamHandle.Leasing;

/// <summary>Decides when a stream goes to a replica that has at least two fewer. For one thread, but for <see cref="NoteGiven"/>.</summary>
internal sealed class LoadBalance(LeaseOptions options, TimeProvider clock)
{
    /// <summary>The longest rest after a stream that came back from a hand-over.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    private (string Stream, long At)? _handedOver;
    private (long From, TimeSpan For)? _rest;
    private (string Replica, long Since)? _lighter;

    /// <summary>Who is to have one of this replica's streams, and how many it has; null for nobody now.</summary>
    /// <param name="view">The replicas.</param>
    /// <param name="replica">This one.</param>
    /// <param name="load">How many streams this one records.</param>
    public (string Replica, int Load)? Heir(LeaseView view, string replica, int load)
    {
        if (_rest is { } rest && clock.GetElapsedTime(rest.From) < rest.For) return null;
        if (_handedOver is { } before && clock.GetElapsedTime(before.At) < options.Interval * 4) return null;
        var (heir, least) = view.Held.MinBy(each => each.Value);
        var isLighter = heir != replica && load >= least + 2;
        if (!isLighter || _lighter?.Replica != heir) _lighter = isLighter ? (heir, clock.GetTimestamp()) : null;
        // One that is just taking its share tells so at its next announcement.
        return _lighter is { } lighter && clock.GetElapsedTime(lighter.Since) >= options.Interval * 2 ? (heir, least) : null;
    }

    /// <summary>Notes that a stream begins to be handed over: the one before was taken, or it would have come back.</summary>
    public void NoteBegun()
    {
        if (_handedOver is not null) _rest = null;
    }

    /// <summary>Notes that a stream was given back for another replica.</summary>
    public void NoteGiven(string stream) => _handedOver = (stream, clock.GetTimestamp());

    /// <summary>Notes that a stream was got that this replica had last. One that came back was not taken: the other replica was slow, or
    /// cannot reach the camera.
    /// Each time the rest is twice as long.</summary>
    public void NoteBack(string stream)
    {
        if (_handedOver?.Stream != stream) return;
        var next = _rest is { } last ? last.For * 2 : options.Time * 2;
        _rest = (clock.GetTimestamp(), next < LongestRest ? next : LongestRest);
        _handedOver = null;
    }
}
