
using Crispy.Muxing.Bitstreams;

namespace Crispy.Muxing.Cutting;

/// <summary>
/// Gives times to pictures that have none. A source with decoding times alone (AVI, bare H.264) has a grid. The pictures of a coded
/// sequence get the grid's times, in the order in which the codec says they are shown. A single picture without a time is placed by its
/// neighbours. What was placed is marked. Pictures come out in the order in which they went in.
/// </summary>
internal sealed class PictureTimes(bool reorders, long declaredFrame)
{
    private const int MostReordered = 100;

    private readonly Queue<Picture> _sequence = [];
    private readonly Queue<long> _grid = [];
    private readonly List<long> _times = [];
    private readonly PresentationOrder _order = new();
    private readonly List<Picture> _first = [];
    private readonly List<Picture> _waiting = [];
    private (long Time, int Order)? _known;
    private long _ticksPerOrder;
    private long _gridStart;
    private long _last = long.MinValue;
    private long _highest = long.MinValue;
    private long _step = declaredFrame;

    /// <summary>Takes the next picture; what it makes ready is handed on.</summary>
    /// <param name="picture">Its time is as the source has it.</param>
    /// <param name="kind">What that is.</param>
    /// <param name="ready">Gets pictures with times.</param>
    public void Take(Picture picture, TimeKind kind, Action<Picture> ready)
    {
        if (picture.Info.ResetsOrder) BeginSequence(ready);
        if (kind == TimeKind.Presentation)
        {
            FlushSequence(ready);
            picture.IsTimed = true;
            Learn(picture);
            PlaceWaiting(ready);
            if (_first.Count == 0) ready(picture);
            else if (_first[^1].IsTimed) FlushFirst(picture, ready);
            else _first.Add(picture);
        }
        else if (_last == long.MinValue && kind == TimeKind.Counted && picture.Time == 0) _first.Add(picture);
        else if (_last == long.MinValue) TakeIntoSequence(picture, ready);
        else
        {
            if (_first.Count > 0) FlushFirst(null, ready);
            _waiting.Add(picture);
            // How long a step in the order is shows with the next one that has a time.
            if ((_known is not null && _ticksPerOrder > 0) || picture.Info.Order is null || _waiting.Count > 2 * PresentationOrder.MaxDepth)
                PlaceWaiting(ready);
        }
    }

    /// <summary>Hands on what was held.</summary>
    public void Flush(Action<Picture> ready)
    {
        FlushFirst(null, ready);
        PlaceWaiting(ready);
        FlushSequence(ready);
    }

    private void BeginSequence(Action<Picture> ready)
    {
        PlaceWaiting(ready);
        _known = null;
    }

    private void Learn(Picture picture)
    {
        if (picture.Time > _last && _last != long.MinValue && _ticksPerOrder == 0) _step = picture.Time - _last;
        // Pictures that are shown earlier come later, but not by this much: that is another clock.
        _highest = _highest == long.MinValue || picture.Time < _highest - MostReordered * _step
            ? picture.Time
            : Math.Max(_highest, picture.Time);
        _last = picture.Time;
        if (picture.Info.Order is not { } order) return;
        if (_known is { } known && order != known.Order && (picture.Time - known.Time) / (order - known.Order) is > 0 and var step)
            _ticksPerOrder = step;
        _known = (picture.Time, order);
    }

    // Pictures in front that have no time at all: a camera's first. Each is taken for one frame before the next.
    private void FlushFirst(Picture? next, Action<Picture> ready)
    {
        var timed = _first.FindIndex(picture => picture.IsTimed);
        if (timed >= 0)
        {
            var step = next is not null && next.Time > _first[timed].Time ? next.Time - _first[timed].Time : _step;
            for (var i = timed - 1; i >= 0; i--) _first[i].Time = _first[i + 1].Time - step;
        }
        else
        {
            for (var i = 0; i < _first.Count; i++) _first[i].Time = i * _step;
        }
        foreach (var picture in _first) ready(picture);
        _first.Clear();
        if (next is not null) ready(next);
    }

    // By the distance in the order of showing to a picture of the same sequence that has a time; without one, one after the other.
    private void PlaceWaiting(Action<Picture> ready)
    {
        foreach (var picture in _waiting)
        {
            picture.Time = picture.Info.Order is { } order && _known is { } known && _ticksPerOrder > 0
                ? known.Time + (order - known.Order) * _ticksPerOrder
                : _highest + _step;
            _last = Math.Max(_last, picture.Time);
            _highest = Math.Max(_highest, picture.Time);
            ready(picture);
        }
        _waiting.Clear();
    }

    // Of the times of a grid, the picture that is shown as the n-th gets the n-th.
    private void TakeIntoSequence(Picture picture, Action<Picture> ready)
    {
        if (!reorders)
        {
            ready(picture);
            return;
        }
        _grid.Enqueue(picture.Time);
        _sequence.Enqueue(picture);
        _order.Add(picture.Info);
        Release(ready);
    }

    private void FlushSequence(Action<Picture> ready)
    {
        if (_sequence.Count == 0) return;
        _order.Complete();
        Release(ready);
    }

    private void Release(Action<Picture> ready)
    {
        while (_order.TryTake(out var rank))
        {
            while (_gridStart + _times.Count <= rank) _times.Add(_grid.Dequeue());
            var picture = _sequence.Dequeue();
            picture.Time = _times[(int)(rank - _gridStart)];
            ready(picture);
        }
        // No picture waits for more than those that are held.
        var passed = _times.Count - 2 * PresentationOrder.MaxDepth;
        if (passed <= 0) return;
        _times.RemoveRange(0, passed);
        _gridStart += passed;
    }
}
