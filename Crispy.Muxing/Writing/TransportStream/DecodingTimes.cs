namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>
/// Decoding times of pictures in decoding order: the presentation times in ascending order, as many pictures later as the codec puts
/// off at most. The first ones are invented, before the first picture's time.
/// </summary>
/// <param name="depth">How many pictures at most are decoded before one that is shown earlier.</param>
/// <param name="step">A picture's usual duration.</param>
/// <param name="lead">By how much the first decoding time may be before the first picture's time.</param>
internal sealed class DecodingTimes(int depth, long step, long lead)
{
    private readonly List<long> _waiting = new(depth + 1);
    private long _last = long.MinValue;

    /// <summary>The decoding time of the next picture.</summary>
    public long Next(long presentation)
    {
        if (_last == long.MinValue) Begin(presentation);
        var place = _waiting.BinarySearch(presentation);
        _waiting.Insert(place < 0 ? ~place : place, presentation);
        var next = _waiting[0];
        _waiting.RemoveAt(0);

        // Deeper in the order than was said: as late as it may be.
        _last = next > _last ? next : Math.Min(_last + 1, presentation);
        return _last;
    }

    // Twice as far back as needed: pictures that lead the first one have their places between.
    private void Begin(long presentation)
    {
        var each = Math.Max(1, Math.Min(step, lead / Math.Max(1, 2 * depth)));
        for (var i = 0; i < depth; i++) _waiting.Add(presentation - (2 * depth - i) * each);
    }
}
