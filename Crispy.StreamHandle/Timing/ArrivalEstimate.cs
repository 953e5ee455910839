namespace Crispy.StreamHandle.Timing;

/// <summary>
/// Where a live timeline's zero lies on our clock, from arrivals. Each arrival is late by an unknown amount that is never negative, so the
/// earliest of the recent ones is nearest to the truth. A line through the earliest of each half minute shows how the two clocks drift
/// apart. Offsets are ticks relative to the first sample.
/// </summary>
internal sealed class ArrivalEstimate
{
    private static readonly TimeSpan BucketLength = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastDriftSpan = TimeSpan.FromMinutes(2);
    private const int KeptBuckets = 240;
    private const int RecentBuckets = 4;
    private const int KeptLateness = 256;

    /// <summary>A crystal that is off by more than this is a measurement that is wrong.</summary>
    private const double MostDrift = 2000e-6;

    private readonly List<(TimeSpan Position, TimeSpan Offset)> _earliest = [];
    private readonly Queue<TimeSpan> _late = new();
    private DateTimeOffset? _base;
    private TimeSpan? _first;
    private TimeSpan _bucketEnd;

    /// <summary>Samples so far.</summary>
    public int Count { get; private set; }

    /// <summary>How much of the timeline the samples cover.</summary>
    public TimeSpan Span { get; private set; }

    /// <summary>Our clock's gain on the source's, in parts of one; null while it is not known.</summary>
    public double? Drift { get; private set; }

    /// <summary>How much arrivals scatter: the median lateness of the latest against the earliest.</summary>
    public TimeSpan Scatter => _late.Count == 0 ? TimeSpan.Zero : _late.Order().ElementAt(_late.Count / 2) - _late.Min();

    /// <summary>Takes one arrival.</summary>
    public void Add(TimeSpan position, DateTimeOffset at)
    {
        _base ??= at - position;
        _first ??= position;
        Span = position - _first.Value;
        Count++;
        var offset = at - position - _base.Value;
        if (_earliest.Count == 0 || position >= _bucketEnd)
        {
            _earliest.Add((position, offset));
            _bucketEnd = position + BucketLength;
            if (_earliest.Count > KeptBuckets) _earliest.RemoveAt(0);
            Drift = Fit();
        }
        else if (offset < _earliest[^1].Offset) _earliest[^1] = (position, offset);
        _late.Enqueue(offset);
        if (_late.Count > KeptLateness) _late.Dequeue();
    }

    /// <summary>Our clock's time of the timeline's zero, as it is seen at a position.</summary>
    public DateTimeOffset Zero(TimeSpan position)
    {
        var best = TimeSpan.MaxValue;
        for (var i = Math.Max(0, _earliest.Count - RecentBuckets); i < _earliest.Count; i++)
        {
            var (at, offset) = _earliest[i];
            var carried = offset + (position - at) * (Drift ?? 0);
            if (carried < best) best = carried;
        }
        return _base!.Value + best;
    }

    /// <summary>Forgets everything: another timeline begins.</summary>
    public void Reset()
    {
        _earliest.Clear();
        _late.Clear();
        (_base, _first, Count, Span, Drift) = (null, null, 0, TimeSpan.Zero, null);
    }

    // The present bucket is left out: its earliest is not found yet.
    private double? Fit()
    {
        var count = _earliest.Count - 1;
        if (count < 4 || _earliest[count - 1].Position - _earliest[0].Position < LeastDriftSpan) return null;
        var points = _earliest.GetRange(0, count);
        var meanPosition = points.Average(point => point.Position.TotalSeconds);
        var meanOffset = points.Average(point => point.Offset.TotalSeconds);
        var above = points.Sum(point => (point.Position.TotalSeconds - meanPosition) * (point.Offset.TotalSeconds - meanOffset));
        var slope = above / points.Sum(point => Math.Pow(point.Position.TotalSeconds - meanPosition, 2));
        return Math.Abs(slope) <= MostDrift ? slope : null;
    }
}
