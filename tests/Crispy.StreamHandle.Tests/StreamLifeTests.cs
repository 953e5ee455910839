using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.StreamHandle.Recording;
using Crispy.StreamHandle.Supervising;
using static Crispy.StreamHandle.Tests.FakeSource;
using static Crispy.StreamHandle.Tests.StreamBench;

namespace Crispy.StreamHandle.Tests;

/// <summary>The supervising loop: what it does with what a source yields, and when it opens it again.</summary>
[Trait("Needs", "nothing")]
public sealed class StreamLifeTests : IDisposable
{
    private readonly StreamBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static Found.End Again(string gapReason) => new(new Ending.Again("it ended") { GapReason = gapReason });

    private FakeSource Source(params Script[] scripts) => new(_bench.Clock, scripts);

    [Fact]
    public async Task A_source_that_is_away_is_opened_again_after_pauses_that_grow()
    {
        using var source = Source(IsAway(), IsAway(), IsAway(), IsAway());
        var life = _bench.Run(source);
        await Until.TrueAsync(() => _bench.Log.Pauses.Count == 1);
        Assert.Equal((StreamState.Backoff, "away", 1), (_bench.Status.State, _bench.Status.Error, source.Opened.Count));
        await _bench.AdvanceUntilAsync(() => source.Opened.Count == 5, "five tries");

        var pauses = _bench.Log.Pauses;
        Assert.Equal(4, pauses.Count);
        Assert.Equal(1, pauses[0]);
        Assert.InRange(pauses[1], 1, 2);
        Assert.InRange(pauses[2], 2, 4);
        Assert.InRange(pauses[3], 4, 8);
        // A delay counts whole milliseconds.
        foreach (var (index, pause) in pauses.Index())
            Assert.True((source.Opened[index + 1].At - source.Opened[index].At).TotalSeconds > pause - 0.001, $"{index}: {pause} s");
        await _bench.StopAsync();
        await life;
        Assert.Equal((StreamState.Ended, 5, true), (_bench.Status.State, source.Opened.Count, source.IsDisposed));
    }

    [Fact]
    public async Task Pauses_begin_anew_after_something_was_recorded()
    {
        using var source = Source(IsAway(), IsAway(), IsAway(),
            Yields(new Found.Kind(false), new Found.Picture(), new Found.End(new Ending.Again("it ended") { HasRecorded = true })));
        var life = _bench.Run(source);
        await _bench.AdvanceUntilAsync(() => source.Opened.Count == 5, "five tries");
        Assert.Equal(4, _bench.Log.Pauses.Count);
        Assert.InRange(_bench.Log.Pauses[2], 2, 4);
        Assert.Equal(1, _bench.Log.Pauses[3]);
        await _bench.StopAsync();
        await life;
    }

    [Fact]
    public async Task A_source_that_waits_for_nobody_is_opened_at_once()
    {
        var again = new Ending.Again("it began again") { IsAtOnce = true };
        using var source = Source(Yields(new Found.Kind(false), new Found.End(again)));
        var life = _bench.Run(source);
        await Until.TrueAsync(() => source.Opened.Count == 2);
        Assert.Equal([0.0], _bench.Log.Pauses);
        await _bench.StopAsync();
        await life;
    }

    [Fact]
    public async Task The_reason_of_a_gap_goes_from_one_try_to_the_next()
    {
        using var source = Source(
            Yields(new Found.Kind(false), Became(Chunk(0), Gap.Discontinuity), Again(Gap.Reconnect)),
            IsAway(),
            Fails(new IOException("full"), new Found.Kind(false), Became(Chunk(1), Gap.Discontinuity)),
            Yields(new Found.Kind(false), Again(Gap.Stalled)));
        var life = _bench.Run(source);
        await _bench.AdvanceUntilAsync(() => source.Opened.Count == 5, "five tries");
        string?[] expected = [Gap.Restart, Gap.Reconnect, Gap.Reconnect, Gap.Discontinuity, Gap.Stalled];
        Assert.Equal(expected, source.Opened.Select(opened => opened.GapReason));
        await _bench.StopAsync();
        await life;
    }

    [Fact]
    public async Task The_time_of_a_source_with_an_end_has_no_gaps_to_tell_of()
    {
        using var source = Source(Yields(new Found.Kind(true), new Found.End(new Ending.Again("ffmpeg was killed"))));
        var life = _bench.Run(source);
        await _bench.AdvanceUntilAsync(() => source.Opened.Count == 2, "two tries");
        Assert.Equal([Gap.Restart, null], source.Opened.Select(opened => opened.GapReason));
        await _bench.StopAsync();
        await life;
    }

    [Fact]
    public async Task A_finite_source_that_is_at_its_end_is_published_and_over()
    {
        using var source = Source(Yields(new Found.Kind(true), new Found.Picture(), new Found.Pending(1),
            Became(Chunk(0), null), new Found.Pending(0), new Found.End(new Ending.Complete(1))));
        await _bench.Run(source);
        Assert.Equal([Chunk(0).Manifest.Chunk], _bench.Publisher.Offered);
        // With what the spool held at the start.
        var status = _bench.Status;
        Assert.Equal((StreamState.Ended, true, new Captured(3, 50, 3200)), (status.State, status.IsFinite, status.Captured));
        Assert.Equal((0, 10.0, 8000.0), (status.Pending, status.Fps, status.Bitrate));
        Assert.Equal((1, true), (source.Opened.Count, source.IsDisposed));
        Assert.Contains(1013, _bench.Log.Ids);
    }

    [Fact]
    public async Task A_stop_waits_for_the_last_chunk_and_opens_nothing_more()
    {
        using var source = Source(YieldsUntilStopped([new Found.Kind(false), new Found.Picture()],
            Became(Chunk(0), Gap.Discontinuity), new Found.End(new Ending.Stopped())));
        var life = _bench.Run(source);
        await Until.TrueAsync(() => _bench.Status.State == StreamState.Running);
        Assert.Empty(_bench.Publisher.Offered);
        await _bench.StopAsync();
        await life;
        Assert.Equal((StreamState.Ended, 1, 1), (_bench.Status.State, source.Opened.Count, _bench.Publisher.Offered.Count));
    }

    [Fact]
    public async Task A_stop_ends_a_pause_between_tries()
    {
        using var source = Source(IsAway());
        var life = _bench.Run(source);
        await Until.TrueAsync(() => _bench.Log.Pauses.Count == 1);
        await _bench.StopAsync();
        await life;
        Assert.Equal((StreamState.Ended, 1), (_bench.Status.State, source.Opened.Count));
    }

    [Fact]
    public async Task A_failure_that_no_try_can_mend_ends_the_stream_and_says_why()
    {
        using var source = Source(Yields(new Found.Kind(true), new Found.End(new Ending.Failed("no such file"))));
        await _bench.Run(source);
        Assert.Equal((StreamState.Failed, "no such file", 1), (_bench.Status.State, _bench.Status.Error, source.Opened.Count));
        Assert.Equal("no such file", _bench.Status.LastError?.Error);
    }

    [Fact]
    public async Task A_fault_ends_the_stream_and_shows_no_secret()
    {
        using var source = Source(Fails(new InvalidOperationException("rtsp://user:secret@camera/live is odd")));
        await _bench.Run(source);
        Assert.Equal(StreamState.Failed, _bench.Status.State);
        Assert.DoesNotContain("secret", _bench.Status.Error, StringComparison.Ordinal);
        Assert.Contains(1015, _bench.Log.Ids);
    }

    [Fact]
    public async Task A_disk_that_refuses_is_tried_again_and_the_budget_knows()
    {
        using var source = Source(Yields(new Found.Kind(true), new Found.End(new Ending.Complete(0))));
        source.Refusals = 1;
        var life = _bench.Run(source);
        await Until.TrueAsync(() => _bench.Log.Pauses.Count == 1);
        Assert.Equal((StreamState.Backoff, "the spool takes nothing more: no space left"), (_bench.Status.State, _bench.Status.Error));
        Assert.True(_bench.Spool.Budget.IsFull);
        Assert.Empty(source.Opened);
        await _bench.AdvanceUntilAsync(() => life.IsCompleted, "it is recorded");
        Assert.Equal((StreamState.Ended, 1), (_bench.Status.State, source.Opened.Count));
    }

    [Fact]
    public async Task Problems_are_counted_while_it_runs()
    {
        Found[] problems =
        [
            new Found.Kind(false), new Found.Picture(), new Found.Damage(), new Found.Damage(), new Found.Discarded(),
            new Found.Complaint("odd"), new Found.Refused("full"), new Found.Held(true),
        ];
        Found[] last = [new Found.Accepted(), new Found.Held(false), new Found.End(new Ending.Stopped())];
        using var source = Source(YieldsUntilStopped(problems, last));
        var life = _bench.Run(source);
        await Until.TrueAsync(() => _bench.Status.Paused);
        var status = _bench.Status;
        Assert.Equal((2L, 1L, 1L, "odd"), (status.Damages, status.Discarded, status.Complaints, status.LastComplaint));
        Assert.Equal(("the spool takes nothing more: full", "full"), (status.Error, status.LastError?.Error));
        await _bench.StopAsync();
        await life;
        Assert.Equal((false, null), (_bench.Status.Paused, _bench.Status.Error));
    }

    [Theory]
    [InlineData(StreamDuty.Pause, StreamState.Paused, true)]
    [InlineData(StreamDuty.Settle, StreamState.Removed, false)]
    public async Task A_stream_that_is_not_to_be_recorded_is_recovered_and_not_opened(StreamDuty duty, StreamState state, bool isReadAgain)
    {
        using var source = Source();
        await _bench.Run(source, duty);
        Assert.Equal((state, (isReadAgain, !isReadAgain)), (_bench.Status.State, source.Recovered!.Value));
        Assert.Empty(source.Opened);
    }

    [Fact]
    public async Task A_lease_says_why_there_is_a_gap_and_hears_how_far_the_stream_is()
    {
        LeaseGrant[] grants = [new(1, "there", null, false), new(2, "there", null, HandedOver: true), new(3, "here", null, false)];
        var leases = new FakeLeases(_bench.Clock, grants);
        var chunk = Chunk(0);
        Found[] found = [new Found.Kind(false), Became(chunk, Gap.Discontinuity)];
        using var source = Source(YieldsUntilStopped(found, new Found.End(new Ending.Stopped())));
        var life = _bench.Run(source, leases: leases);
        for (var held = 1; held <= 3; held++)
        {
            await Until.TrueAsync(() => source.Opened.Count == held);
            leases.Present!.Lose();
        }
        await Until.TrueAsync(() => leases.Ended == 3 && _bench.Status.State == StreamState.Standby);
        await _bench.StopAsync();
        await life;
        Assert.Equal([Gap.Takeover, Gap.Rebalance, Gap.Lease], source.Opened.Select(opened => opened.GapReason));
        Assert.Equal(grants, source.Grants);
        Assert.Equal([chunk.Manifest.Chunk], leases.Noted.Select(last => last.End.Chunk));
    }
}
