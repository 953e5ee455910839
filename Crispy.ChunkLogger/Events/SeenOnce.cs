namespace Crispy.ChunkLogger.Events;

/// <summary>What is answered or mentioned once only, for as long as it is remembered.</summary>
internal sealed class SeenOnce
{
    /// <summary>Ids of events that cannot be read: each is refused once.</summary>
    public RecentNames MalformedEvents { get; } = new(10_000);

    /// <summary>Buckets that are not ours: each is warned of once.</summary>
    public RecentNames Buckets { get; } = new(100);
}
