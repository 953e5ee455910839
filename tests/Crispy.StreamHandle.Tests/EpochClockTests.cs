using Crispy.Media;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Tests;

[Trait("Needs", "nothing")]
public sealed class EpochClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(40);

    private static ChunkFacts Facts(double duration = 3, double firstPts = 0, string container = "mkv", int width = 640) => new()
    {
        Sha256 = "", Container = container, Video = new("h264", width, 360, 3), Frames = (long)(duration * 25), StartsWithKeyframe = true,
        FirstPts = TimeSpan.FromSeconds(firstPts), Duration = TimeSpan.FromSeconds(duration),
    };

    // ffmpeg passes a picture on when the next one begins: what closed a segment was filmed a frame before it came.
    private static ClosedSegment Line(double start, double end, double closedAt = 0, Seam? seam = null, int timeline = 0) =>
        new("x", TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), Noon + TimeSpan.FromSeconds(closedAt) + Frame)
        {
            Cut = new()
            {
                Path = "x", Index = 0, Start = TimeSpan.FromSeconds(start), End = TimeSpan.FromSeconds(end), EndIsKnown = true,
                Pictures = (int)((end - start) * 25), Keyframes = 1,
                Seam = seam, Timeline = timeline,
            },
        };

    // The picture that closes it came just before.
    private static Placement Live(EpochClock clock, ClosedSegment segment, ChunkFacts facts)
    {
        clock.Observe(segment.Cut!.Timeline, segment.End, segment.ClosedAt, camera: null);
        return clock.Place(segment, facts);
    }

    [Fact]
    public void A_file_is_placed_by_its_first_frame()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        var first = clock.Place(Line(0.521, 3.521), Facts(firstPts: 0.521));
        var second = clock.Place(Line(3.521, 6.521), Facts());
        Assert.Equal((Noon, "20261122T120000000Z", true), (first.From, first.Epoch, first.Follows));
        Assert.Equal((Noon.AddSeconds(3), first.Epoch, true), (second.From, second.Epoch, second.Follows));
    }

    [Fact]
    public void A_live_source_is_placed_by_the_arrival_of_the_next_keyframe_and_keeps_its_anchor()
    {
        var clock = new EpochClock(null, followsNothing: false);
        var first = Live(clock, Line(0, 3, closedAt: 3), Facts());
        var late = Live(clock, Line(3, 6, closedAt: 6.4), Facts());
        Assert.Equal((Noon, false), (first.From, first.Follows));
        Assert.Equal((Noon.AddSeconds(3), true), (late.From, late.Follows));
        Assert.Equal(540, first.Clock.UncertaintyMs);
        Assert.Equal(940, late.Clock.UncertaintyMs);
    }

    [Fact]
    public void A_first_arrival_that_was_late_is_corrected_by_slewing()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var places = Enumerable.Range(0, 60)
            .Select(index => Live(clock, Line(index * 3, index * 3 + 3, closedAt: index * 3 + 3 + (index == 0 ? 0.4 : 0)), Facts()))
            .ToList();
        Assert.Equal(Noon.AddSeconds(0.4), places[0].From);
        Assert.Equal(0, (places[^1].From - Noon.AddSeconds(177)).TotalMilliseconds, 5.0);
        Assert.Single(places.Select(place => place.Epoch).Distinct());
        Assert.All(places,
            (place, index) => Assert.True((place.From - Noon.AddSeconds(index * 3)).TotalMilliseconds <= place.Clock.UncertaintyMs));
        foreach (var (before, after) in places.Zip(places.Skip(1))) Assert.InRange((after.From - before.From).TotalSeconds, 2.85, 3.0);
        foreach (var (before, after) in places.Zip(places.Skip(1))) Assert.Equal(before.To, after.From);
    }

    [Fact]
    public void A_first_segment_that_was_read_late_leaves_the_future_within_half_a_minute()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var places = Enumerable.Range(0, 30)
            .Select(index => Live(clock, Line(index, index + 1, closedAt: index == 0 ? 14 : index + 1), Facts(1))).ToList();
        Assert.Equal(Noon.AddSeconds(13), places[0].From);
        Assert.InRange((places[^1].From - Noon.AddSeconds(29)).TotalSeconds, 0, 1);
        Assert.Single(places.Select(place => place.Epoch).Distinct());
        foreach (var (before, after) in places.Zip(places.Skip(1))) Assert.InRange((after.From - before.From).TotalSeconds, 0.5, 1);
        foreach (var (before, after) in places.Zip(places.Skip(1))) Assert.Equal(before.To, after.From);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(-500)]
    [InlineData(37)]
    public void A_clock_that_drifts_is_followed_for_hours_and_its_drift_measured(double ppm)
    {
        var random = new Random(5);
        var clock = new EpochClock(null, followsNothing: true);
        for (var index = 0; index < 4 * 1200; index++)
        {
            // The camera gains: its three seconds are over early.
            var end = (index * 3 + 3) / (1 + ppm / 1e6);
            var place = Live(clock, Line(index * 3, index * 3 + 3, closedAt: end + 0.02 + random.NextDouble() * 0.05), Facts());
            var error = (place.From - Noon.AddSeconds(index * 3 / (1 + ppm / 1e6))).TotalMilliseconds;
            // Until the drift is known, after two and a half minutes, an early arrival counts for as long as it did then.
            Assert.InRange(error, index > 200 ? -15 : -75, 120);
            if (index > 600) Assert.InRange(place.Clock.DriftPpm ?? double.NaN, ppm - 15, ppm + 15);
        }
    }

    [Fact]
    public void The_cameras_word_is_taken_while_it_is_fresh_and_can_be_true()
    {
        var clock = new EpochClock(null, followsNothing: true);
        void Observe(double position, double latency) =>
            clock.Observe(0, TimeSpan.FromSeconds(position), Noon.AddSeconds(position) + Frame,
                camera: Noon.AddSeconds(position - latency));
        Live(clock, Line(0, 3, closedAt: 3), Facts());
        Observe(3, 0.4);
        var trusted = Live(clock, Line(3, 6, closedAt: 6), Facts());
        Assert.Equal("rtcp", trusted.Clock.Source);
        Assert.Equal((Noon.AddSeconds(3), -400), (trusted.From, Math.Round((trusted.To - Noon.AddSeconds(6)).TotalMilliseconds, 1)));
        Observe(6, 400);
        Assert.Equal("arrival", Live(clock, Line(6, 9, closedAt: 9), Facts()).Clock.Source);
        Observe(9, -1);
        Assert.Equal("arrival", Live(clock, Line(9, 12, closedAt: 12), Facts()).Clock.Source);
        Observe(12, 0.4);
        Assert.Equal("rtcp", Live(clock, Line(12, 15, closedAt: 15), Facts()).Clock.Source);
        Live(clock, Line(15, 120, closedAt: 120), Facts(duration: 105));
        Assert.Equal("arrival", Live(clock, Line(120, 123, closedAt: 123), Facts()).Clock.Source);
    }

    [Fact]
    public void A_timeline_that_lost_time_is_anchored_again_in_a_new_epoch()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var before = Live(clock, Line(0, 3, closedAt: 3), Facts());
        var after = Enumerable.Range(1, 4)
            .Select(index => Live(clock, Line(index * 3, index * 3 + 3, closedAt: index * 3 + 63), Facts())).ToList();
        Assert.Equal([before.Epoch, before.Epoch], after.Take(2).Select(place => place.Epoch));
        Assert.NotEqual(before.Epoch, after[2].Epoch);
        Assert.Equal((Noon.AddSeconds(69), false), (after[2].From, after[2].Follows));
        Assert.Equal(after[2].Epoch, after[3].Epoch);
    }

    [Fact]
    public void A_step_of_the_wall_clock_is_not_seen_by_the_steady_clock()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Noon);
        var steady = new SteadyClock(new SteppedClock(time));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Noon.AddSeconds(3), steady.Now);
    }

    // Its wall clock goes back an hour after the first look; its monotonic clock does not.
    private sealed class SteppedClock(TimeProvider inner) : TimeProvider
    {
        private bool _looked;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow()
        {
            var stepped = _looked ? inner.GetUtcNow() - TimeSpan.FromHours(1) : inner.GetUtcNow();
            _looked = true;
            return stepped;
        }
    }

    [Fact]
    public void A_files_clock_that_was_set_back_goes_on_where_it_was_in_a_new_epoch()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        var before = clock.Place(Line(100, 103), Facts());
        var after = clock.Place(Line(20, 23, seam: new(SeamKind.ClockSetBack, TimeSpan.FromSeconds(-83))), Facts());
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal((Noon.AddSeconds(3), Noon.AddSeconds(6), false), (after.From, after.To, after.Follows));
    }

    [Fact]
    public void A_live_clock_that_was_set_is_another_timeline_with_an_anchor_of_its_own()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var before = Live(clock, Line(0, 3, closedAt: 3), Facts());
        var after = Live(clock,
            Line(1003, 1006, closedAt: 6, seam: new(SeamKind.ClockSetForward, TimeSpan.FromSeconds(1000)), timeline: 1), Facts());
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal((Noon.AddSeconds(3), false), (after.From, after.Follows));
    }

    [Fact]
    public void A_change_of_the_picture_starts_an_epoch_in_the_same_time()
    {
        var clock = new EpochClock(null, followsNothing: true);
        var before = Live(clock, Line(0, 3, closedAt: 3), Facts());
        var after = Live(clock, Line(3, 6, closedAt: 6.2), Facts(width: 1280));
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(Noon.AddSeconds(3), after.From);
    }

    [Fact]
    public void A_hole_keeps_its_length_and_begins_an_epoch()
    {
        var clock = new EpochClock(Noon, followsNothing: true);
        var before = clock.Place(Line(0, 3), Facts());
        var after = clock.Place(Line(63, 66, seam: new(SeamKind.Hole, TimeSpan.FromSeconds(60))), Facts());
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal((false, Noon.AddSeconds(63)), (after.Follows, after.From));
    }
}
