namespace Crispy.Muxing.Cutting;

/// <summary>
/// Tells a clock that stepped back from pictures that are merely decoded before they are shown. Where the codec numbers its pictures in the
/// order in which they are shown, their times must rise with the numbers. Else a picture may be overtaken by as many as the codec's
/// reordering allows.
/// </summary>
internal sealed class StepBack(string codec)
{
    private const int Remembered = 32;

    // H.264 and HEVC hold back 16 pictures at most (max_num_reorder_frames, sps_max_num_reorder_pics).
    private readonly int _mayOvertake =
        codec switch { "h264" or "hevc" => 16, "mpeg1video" or "mpeg2video" or "mpeg4" or "h263" => 1, _ => 0 };
    private readonly List<(long Time, int? Order)> _pictures = new(Remembered + 1);
    private long _lastBeforeKeyframe = long.MinValue;
    private long _last = long.MinValue;

    /// <summary>Whether the codec can decode pictures in another order than they are shown.</summary>
    public bool Reorders => _mayOvertake > 0;

    /// <summary>Whether a picture's time is one that an unbroken clock cannot have.</summary>
    /// <param name="picture">The next in decoding order.</param>
    /// <param name="slack">How far a time may lie too early without meaning anything.</param>
    public bool Is(Picture picture, long slack)
    {
        if (_last == long.MinValue) return false;
        if (picture.IsKeyframe || !Reorders) return picture.Time < _last - slack;
        if (_lastBeforeKeyframe != long.MinValue && picture.Time < _lastBeforeKeyframe - slack) return true;
        if (picture.Info.Order is { } order)
        {
            foreach (var (time, before) in _pictures)
                if (before < order && time - slack > picture.Time) return true;
            return false;
        }
        var overtaken = 0;
        foreach (var (time, _) in _pictures)
            if (time - slack > picture.Time) overtaken++;
        return overtaken > _mayOvertake;
    }

    /// <summary>Takes a picture that is no step back.</summary>
    public void Take(Picture picture)
    {
        if (picture.IsKeyframe) _lastBeforeKeyframe = _last;
        if (picture.IsKeyframe || picture.Info.ResetsOrder) _pictures.Clear();
        if (_pictures.Count == Remembered) _pictures.RemoveAt(0);
        _pictures.Add((picture.Time, picture.Info.Order));
        _last = Math.Max(_last, picture.Time);
    }

    /// <summary>Another timeline begins.</summary>
    public void Reset()
    {
        _pictures.Clear();
        (_last, _lastBeforeKeyframe) = (long.MinValue, long.MinValue);
    }
}
