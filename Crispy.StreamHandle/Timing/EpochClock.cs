using Crispy.Contracts;
using Crispy.Media;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Timing;

/// <summary>When a chunk was filmed.</summary>
/// <param name="Epoch">Name of its epoch.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends: the same as the next chunk's <c>From</c>, if that follows on.</param>
/// <param name="Clock">Where the time comes from.</param>
/// <param name="Follows">Whether it follows on from the chunk before it.</param>
internal readonly record struct Placement(string Epoch, DateTimeOffset From, DateTimeOffset To, ChunkClock Clock, bool Follows);

/// <summary>
/// Turns the timelines of one ffmpeg run into UTC by an anchor each, the wall-clock time of the timeline's zero. A file's comes from its
/// first frame's known time and is fixed. What its source leaves out stays out. Only where its clock is set back does its video go on where
/// it was. A live source's is estimated: by the camera's sender reports where they are sane, else by arrival. It follows the estimate by
/// slewing, spread over a chunk's length and never by a step. So within an epoch times only rise, and each chunk begins where the one
/// before it ended. Safe for use by two threads.
/// </summary>
internal sealed class EpochClock(DateTimeOffset? firstFrame, bool followsNothing)
{
    /// <summary>A timeline that lags arrival by more than this, for several segments, has lost time: it is anchored again.</summary>
    private static readonly TimeSpan LostTime = TimeSpan.FromSeconds(5);
    private const int LostTimeSegments = 3;

    private readonly Dictionary<int, LiveAnchor> _live = [];
    private readonly Lock _lock = new();
    private DateTimeOffset? _anchor;
    private string _epoch = "";
    private int _timeline;
    private TimeSpan? _end;
    private VideoFormat? _format;
    private int _lagging;

    /// <summary>Takes a picture of a live source.</summary>
    /// <param name="timeline">Which of its source's timelines its time is of.</param>
    /// <param name="position">When it is shown, on that timeline.</param>
    /// <param name="at">When it arrived, by our clock.</param>
    /// <param name="camera">When it was taken, by its camera's sender reports; null where they do not say.</param>
    public void Observe(int timeline, TimeSpan position, DateTimeOffset at, DateTimeOffset? camera)
    {
        lock (_lock) Live(timeline).Observe(position, at, camera);
    }

    /// <summary>Places the next segment of the run.</summary>
    public Placement Place(ClosedSegment segment, ChunkFacts facts)
    {
        lock (_lock) return firstFrame is null ? PlaceLive(segment, facts) : PlaceFile(segment, facts, firstFrame.Value);
    }

    private Placement PlaceFile(ClosedSegment segment, ChunkFacts facts, DateTimeOffset first)
    {
        var seam = segment.Cut?.Seam;
        var follows = Follows(segment, facts, anew: _anchor is null);
        if (_anchor is null) _anchor = first - segment.Start;
        else if (seam?.Kind == SeamKind.ClockSetBack) _anchor = _anchor.Value + _end!.Value - segment.Start;
        var from = Instants.RoundToMicrosecond(_anchor.Value + segment.Start);
        Begin(segment, facts, from);
        return new(_epoch, from, Instants.RoundToMicrosecond(_anchor.Value + segment.End), new(ChunkClock.File), follows);
    }

    private Placement PlaceLive(ClosedSegment segment, ChunkFacts facts)
    {
        var timeline = segment.Cut?.Timeline ?? 0;
        var live = Live(timeline);
        var anew = _anchor is null || timeline != _timeline;
        if (!anew && HasLostTime(segment))
        {
            live.Reset();
            anew = true;
        }
        var frame = facts.Frames > 0 ? facts.Duration / facts.Frames : TimeSpan.FromMilliseconds(40);
        if (live.IsEmpty) live.Observe(segment.End, segment.ClosedAt, camera: null);
        foreach (var old in _live.Keys.Where(old => old < timeline).ToList()) _live.Remove(old);
        var follows = Follows(segment, facts, anew);
        if (anew) _anchor = live.Zero(segment.Start, frame);
        var from = Instants.RoundToMicrosecond(_anchor!.Value + segment.Start);
        var clock = live.Describe(segment.Start, _anchor.Value, frame);
        Begin(segment, facts, from, anew);
        _timeline = timeline;
        _anchor = live.Slewed(_anchor.Value, segment.Start, segment.End - segment.Start, frame);
        return new(_epoch, from, Instants.RoundToMicrosecond(_anchor.Value + segment.End), clock, follows);
    }

    private bool Follows(ClosedSegment segment, ChunkFacts facts, bool anew)
    {
        var first = followsNothing && _end is null;
        return first || (!anew && segment.Cut?.Seam is null && facts.Video == _format && _end == segment.Start);
    }

    private void Begin(ClosedSegment segment, ChunkFacts facts, DateTimeOffset from, bool anew = false)
    {
        if (anew || _end is null || segment.Cut?.Seam is not null || facts.Video != _format) _epoch = Epoch.Name(from);
        (_end, _format) = (segment.End, facts.Video);
    }

    private LiveAnchor Live(int timeline) => _live.TryGetValue(timeline, out var live) ? live : _live[timeline] = new();

    private bool HasLostTime(ClosedSegment segment)
    {
        var lags = _anchor is { } anchor && segment.ClosedAt - segment.End - anchor > LostTime;
        _lagging = lags ? _lagging + 1 : 0;
        if (_lagging < LostTimeSegments) return false;
        _lagging = 0;
        return true;
    }
}
