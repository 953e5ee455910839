namespace Crispy.Muxing.Bitstreams;

/// <summary>Counts pictures in the order in which they are shown, from packets in decoding order: for sources that give no presentation
/// times. Memory does not grow
/// with the source: no codec lets a picture wait for more than sixteen others.</summary>
public sealed class PresentationOrder
{
    /// <summary>How many pictures may be decoded before a picture that is shown before them (H.264 A.3.1 and H.265 A.4.2,
    /// <c>MaxDpbFrames</c>).</summary>
    public const int MaxDepth = 16;

    private readonly PriorityQueue<long, (int Order, long Picture)> _waiting = new();
    private readonly Queue<long> _packets = new();
    private readonly Dictionary<long, long> _ranks = [];
    private long _picture = -1;
    private long _shown;
    private long _taken = -1;

    /// <summary>Adds the next packet in decoding order.</summary>
    public void Add(in PictureInfo info)
    {
        if (!info.ContinuesPicture || _picture < 0)
        {
            _picture++;
            if (info.ResetsOrder || info.Order is null) Complete();
            if (info.Order is { } order) _waiting.Enqueue(_picture, (order, _picture));
            else _ranks[_picture] = _shown++;
            while (_waiting.Count > MaxDepth) Show();
        }

        _packets.Enqueue(_picture);
    }

    /// <summary>Says that no packet follows which is shown before those that were added.</summary>
    public void Complete()
    {
        while (_waiting.Count > 0) Show();
    }

    /// <summary>Takes the rank of the next packet in decoding order: how many pictures are shown before its picture. False while that is
    /// not certain.</summary>
    public bool TryTake(out long rank)
    {
        rank = -1;
        if (!_packets.TryPeek(out var picture) || !_ranks.TryGetValue(picture, out rank)) return false;
        _packets.Dequeue();

        // Further packets of the same picture may follow.
        if (picture > _taken) _ranks.Remove(_taken);
        _taken = picture;
        return true;
    }

    /// <summary>The rank of each packet of a source, in decoding order.</summary>
    public static IReadOnlyList<long> RanksOf(IEnumerable<PictureInfo> packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        var order = new PresentationOrder();
        var ranks = new List<long>();
        foreach (var packet in packets)
        {
            order.Add(packet);
            while (order.TryTake(out var rank)) ranks.Add(rank);
        }

        order.Complete();
        while (order.TryTake(out var rank)) ranks.Add(rank);
        return ranks;
    }

    private void Show() => _ranks[_waiting.Dequeue()] = _shown++;
}
