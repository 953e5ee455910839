namespace Crispy.StreamHandle.Recording;

/// <summary>Where in what ffmpeg hands over it complained of missing or corrupt data. Safe for concurrent use.</summary>
internal sealed class ComplaintPlaces
{
    private readonly Lock _gate = new();
    private readonly Queue<long> _places = new();

    /// <summary>Notes a complaint, which is about what ffmpeg writes next.</summary>
    /// <param name="place">Bytes that it has written before.</param>
    public void Add(long place)
    {
        lock (_gate) _places.Enqueue(place);
    }

    /// <summary>Takes those in front of a place.</summary>
    /// <param name="place">Bytes from the beginning.</param>
    /// <returns>Whether there were any.</returns>
    public bool TakeBefore(long place)
    {
        var any = false;
        lock (_gate)
        {
            for (; _places.TryPeek(out var at) && at < place; any = true) _places.Dequeue();
        }
        return any;
    }
}
