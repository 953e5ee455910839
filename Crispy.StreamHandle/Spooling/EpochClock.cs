using Crispy.Contracts;
using Crispy.Media;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Spooling;

/// <summary>When a chunk was filmed.</summary>
/// <param name="Epoch">Name of its epoch.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="Clock">Where the time comes from.</param>
/// <param name="Follows">Whether it follows on from the chunk before it.</param>
internal readonly record struct Placement(string Epoch, DateTimeOffset From, ChunkClock Clock, bool Follows);

/// <summary>
/// Turns the timeline of one ffmpeg run into UTC. The anchor is the wall-clock time of the timeline's zero, and is fixed for an epoch,
/// so that within it the distance between frames is exactly the media's. A file's anchor comes from its first frame's known time.
/// A live source's comes from arrival: a segment's line is printed when the next keyframe is there, which is at the segment's end.
/// </summary>
internal sealed class EpochClock(DateTimeOffset? firstFrame, bool followsNothing)
{
    /// <summary>A gap or step back of the timeline above which time itself is taken to have jumped.</summary>
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(1);

    private DateTimeOffset? _anchor;
    private string _epoch = "";
    private TimeSpan? _end;
    private VideoFormat? _format;
    private double _worstMs;

    /// <summary>Places the next segment of the run.</summary>
    public Placement Place(ClosedSegment segment, ChunkFacts facts)
    {
        var position = Position(segment, facts);
        var jumped = _end is { } end && (position - end).Duration() > Jump;
        var starts = _anchor is null || jumped || facts.Video != _format;
        if (_anchor is null || jumped) _anchor = Anchor(segment, position, facts);
        var from = Instants.RoundToMicrosecond(_anchor.Value + position);
        if (starts) _epoch = Epoch.Name(from);
        var follows = (!starts || followsNothing) && !(_end is { } before && (position - before).Duration() > Slack(facts));
        followsNothing = false;
        (_end, _format) = (position + facts.Duration, facts.Video);
        return new(_epoch, from, Clock(segment, facts), follows);
    }

    // Timestamps are absolute on the timeline less the line's start, which ffmpeg subtracted. A transport stream begins at a time of its
    // own, and the first line's start is always 0: there the line's end is what counts.
    private static TimeSpan Position(ClosedSegment segment, ChunkFacts facts)
    {
        if (facts.Container != ChunkContainer.TransportStream) return segment.Start + facts.FirstPts;
        var byEnd = segment.End - facts.Duration;
        return segment.Start > TimeSpan.Zero && (byEnd - segment.Start).Duration() < Slack(facts) / 2 ? segment.Start : byEnd;
    }

    private DateTimeOffset Anchor(ClosedSegment segment, TimeSpan position, ChunkFacts facts)
    {
        _worstMs = 0;
        if (firstFrame is null) return Zero(segment, facts);
        // After a jump in a file its video goes on where it was, as it would play.
        return _anchor is { } before && _end is { } end ? before + end - position : firstFrame.Value - position;
    }

    // ffmpeg passes a picture on when the next one begins, since only that tells where it ended: the line comes a frame late.
    private static DateTimeOffset Zero(ClosedSegment segment, ChunkFacts facts) => segment.ClosedAt - segment.End - FrameTime(facts);

    private ChunkClock Clock(ClosedSegment segment, ChunkFacts facts)
    {
        if (firstFrame is not null) return new(ChunkClock.File);
        var late = (Zero(segment, facts) - _anchor!.Value).Duration().TotalMilliseconds;
        _worstMs = Math.Max(_worstMs, late);
        return new(ChunkClock.Arrival, Math.Round(_worstMs + FrameTime(facts).TotalMilliseconds, 3));
    }

    // A frame and a half: less is rounding, more is a missing frame.
    private static TimeSpan Slack(ChunkFacts facts) => FrameTime(facts) * 1.5;

    private static TimeSpan FrameTime(ChunkFacts facts) => facts.Frames > 0 ? facts.Duration / facts.Frames : TimeSpan.FromMilliseconds(40);
}
