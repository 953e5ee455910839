using Crispy.Contracts;
using Crispy.Media;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Spooling;

/// <summary>When a chunk was filmed.</summary>
/// <param name="Epoch">Name of its epoch.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends: the same as the next chunk's <c>From</c>, if that follows on.</param>
/// <param name="Clock">Where the time comes from.</param>
/// <param name="Follows">Whether it follows on from the chunk before it.</param>
internal readonly record struct Placement(string Epoch, DateTimeOffset From, DateTimeOffset To, ChunkClock Clock, bool Follows);

/// <summary>
/// Turns the timeline of one ffmpeg run into UTC by an anchor, the wall-clock time of the timeline's zero. A file's comes from its first
/// frame's known time and is fixed. A live source's is estimated: by the camera's sender reports where they are sane, else by arrival,
/// where a segment's line is printed when the next keyframe is there, at the segment's end. It follows the estimate by slewing, spread over
/// a chunk's length and never by a step, so that within an epoch times only rise and each chunk begins where the one before it ended. Safe for use by two threads.
/// </summary>
internal sealed class EpochClock(DateTimeOffset? firstFrame, bool followsNothing)
{
    /// <summary>A gap or step back of the timeline above which time itself is taken to have jumped.</summary>
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(1);

    /// <summary>A timeline that lags arrival by more than this, for several segments, has lost time: it is anchored anew.</summary>
    private static readonly TimeSpan LostTime = TimeSpan.FromSeconds(5);
    private const int LostTimeSegments = 3;

    private readonly LiveAnchor _live = new();
    private readonly Lock _lock = new();
    private DateTimeOffset? _anchor;
    private string _epoch = "";
    private TimeSpan? _end;
    private VideoFormat? _format;
    private int _lagging;

    /// <summary>Takes the time of a keyframe.</summary>
    public void Observe(KeyframeTime keyframe)
    {
        lock (_lock) _live.Observe(keyframe);
    }

    /// <summary>Places the next segment of the run.</summary>
    public Placement Place(ClosedSegment segment, ChunkFacts facts)
    {
        lock (_lock) return PlaceLocked(segment, facts);
    }

    private Placement PlaceLocked(ClosedSegment segment, ChunkFacts facts)
    {
        var position = Position(segment, facts);
        var jumped = _end is { } end && (position - end).Duration() > Jump;
        if (firstFrame is null) jumped |= HasLostTime(segment);
        var starts = _anchor is null || jumped || facts.Video != _format;
        if (firstFrame is null)
        {
            if (jumped) _live.Reset();
            _live.Frame = FrameTime(facts);
            _live.Observe(new(segment.End, segment.ClosedAt, IsCameras: false));
        }
        if (_anchor is null || jumped) _anchor = Anchor(position);
        var from = Instants.RoundToMicrosecond(_anchor.Value + position);
        var clock = firstFrame is null ? _live.Describe(position, _anchor.Value) : new(ChunkClock.File);
        if (starts) _epoch = Epoch.Name(from);
        var follows = (!starts || followsNothing) && !jumped && !(_end is { } before && (position - before).Duration() > Slack(facts));
        followsNothing = false;
        (_end, _format) = (position + facts.Duration, facts.Video);
        if (firstFrame is not null) return new(_epoch, from, from + Instants.RoundToMicrosecond(facts.Duration), clock, follows);
        _anchor = LiveAnchor.Slew(_anchor.Value, _live.Zero(position), facts.Duration);
        return new(_epoch, from, Instants.RoundToMicrosecond(_anchor.Value + position + facts.Duration), clock, follows);
    }

    // Timestamps are absolute on the timeline less the line's start, which ffmpeg subtracted. A transport stream begins at a time of its
    // own, and the first line's start is always 0: there the line's end is what counts.
    private static TimeSpan Position(ClosedSegment segment, ChunkFacts facts)
    {
        if (facts.Container != ChunkContainer.TransportStream) return segment.Start + facts.FirstPts;
        var byEnd = segment.End - facts.Duration;
        return segment.Start > TimeSpan.Zero && (byEnd - segment.Start).Duration() < Slack(facts) / 2 ? segment.Start : byEnd;
    }

    private bool HasLostTime(ClosedSegment segment)
    {
        var lags = _anchor is { } anchor && segment.ClosedAt - segment.End - anchor > LostTime;
        _lagging = lags ? _lagging + 1 : 0;
        if (_lagging < LostTimeSegments) return false;
        _lagging = 0;
        return true;
    }

    private DateTimeOffset Anchor(TimeSpan position)
    {
        if (firstFrame is null) return _live.Zero(position);
        // After a jump in a file its video goes on where it was, as it would play.
        return _anchor is { } before && _end is { } end ? before + end - position : firstFrame.Value - position;
    }

    // A frame and a half: less is rounding, more is a missing frame.
    private static TimeSpan Slack(ChunkFacts facts) => FrameTime(facts) * 1.5;

    private static TimeSpan FrameTime(ChunkFacts facts) => facts.Frames > 0 ? facts.Duration / facts.Frames : TimeSpan.FromMilliseconds(40);
}
