using Crispy.Media;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Tests;

public sealed class EpochClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(40);

    private static ChunkFacts Facts(double duration = 3, double firstPts = 0, string container = "mkv", int width = 640) => new()
    {
        Sha256 = "", Container = container, Video = new("h264", width, 360, 3), Frames = (long)(duration * 25), StartsWithKeyframe = true,
        FirstPts = TimeSpan.FromSeconds(firstPts), Duration = TimeSpan.FromSeconds(duration),
    };

    // ffmpeg passes a picture on when the next one begins: what closed a segment was filmed a frame before its line.
    private static ClosedSegment Line(double start, double end, double closedAt = 0) =>
        new("x", TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), Noon + TimeSpan.FromSeconds(closedAt) + Frame);

    [Fact]
    public void A_file_is_placed_by_its_first_frame()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        var first = clock.Place(Line(0, 3.521), Facts(firstPts: 0.521));
        var second = clock.Place(Line(3.521, 6.521), Facts());
        Assert.Equal((Noon, "20261122T120000000Z", true), (first.From, first.Epoch, first.Follows));
        Assert.Equal((Noon.AddSeconds(3), first.Epoch, true), (second.From, second.Epoch, second.Follows));
    }

    [Fact]
    public void A_live_source_is_placed_by_the_arrival_of_the_next_keyframe_and_keeps_its_anchor()
    {
        var clock = new EpochClock(null, followsNothing: false);
        var first = clock.Place(Line(0, 3, closedAt: 3), Facts());
        var late = clock.Place(Line(3, 6, closedAt: 6.4), Facts());
        Assert.Equal((Noon, false), (first.From, first.Follows));
        Assert.Equal((Noon.AddSeconds(3), true), (late.From, late.Follows));
        Assert.Equal(40, first.Clock.UncertaintyMs);
        Assert.Equal(440, late.Clock.UncertaintyMs);
    }

    [Fact]
    public void Frames_before_the_keyframe_in_time_begin_the_chunk()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        clock.Place(Line(0, 2.96), Facts(2.96));
        Assert.Equal(Noon.AddSeconds(2.96), clock.Place(Line(3, 6), Facts(3.04, firstPts: -0.04)).From);
    }

    [Fact]
    public void A_transport_stream_is_placed_by_the_list_since_its_own_times_begin_anywhere()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        Assert.Equal(Noon, clock.Place(Line(0, 3.5), Facts(3, firstPts: 1.466, container: "ts")).From);
        Assert.Equal(Noon.AddSeconds(3), clock.Place(Line(3.5, 6.5), Facts(3, firstPts: 1.466, container: "ts")).From);
    }

    [Fact]
    public void A_jump_of_time_starts_an_epoch_with_an_anchor_of_its_own()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var before = clock.Place(Line(0, 3, closedAt: 3), Facts());
        var after = clock.Place(Line(1003, 1006, closedAt: 6), Facts());
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal((Noon.AddSeconds(3), false), (after.From, after.Follows));
    }

    [Fact]
    public void A_change_of_the_picture_starts_an_epoch_in_the_same_time()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var before = clock.Place(Line(0, 3, closedAt: 3), Facts());
        var after = clock.Place(Line(3, 6, closedAt: 6.2), Facts(width: 1280));
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(Noon.AddSeconds(3), after.From);
    }

    [Fact]
    public void A_missing_piece_is_flagged_and_keeps_the_epoch()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        var before = clock.Place(Line(0, 3), Facts());
        var after = clock.Place(Line(3.5, 6.5), Facts());
        Assert.Equal((before.Epoch, false, Noon.AddSeconds(3.5)), (after.Epoch, after.Follows, after.From));
    }
}
