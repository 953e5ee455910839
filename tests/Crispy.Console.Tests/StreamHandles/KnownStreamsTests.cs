using Crispy.Console.StreamHandles;
using Crispy.Testing;

namespace Crispy.Console.Tests.StreamHandles;

[Trait("Needs", "nothing")]
public sealed class KnownStreamsTests
{
    private static readonly Uri One = new("http://one"), Other = new("http://other");
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 17, 8, 44, TimeSpan.Zero);

    [Fact]
    public void Of_a_stream_that_two_share_the_one_that_records_it_is_believed_unless_it_is_away()
    {
        var streams = new KnownStreams(TimeProvider.System);
        streams.Replace(One, [Report(StreamState.Running)]);
        streams.Replace(Other, [Report(StreamState.Standby)]);
        Assert.Equal((One, StreamState.Running), (streams.Find("gate")!.StreamHandle, streams.Find("gate")!.Report.State));
        streams.Miss(One, "gone");
        streams.Put(Other, Report(StreamState.Running));
        Assert.Equal(Other, streams.Find("gate")!.StreamHandle);
    }

    [Fact]
    public void What_a_stream_handle_no_longer_has_is_forgotten_and_so_is_a_stream_handle_that_is_no_longer_there()
    {
        var streams = new KnownStreams(TimeProvider.System);
        streams.Replace(One, [Report(StreamState.Running), Report(StreamState.Running) with { Id = "hall" }]);
        streams.Replace(One, [Report(StreamState.Running)]);
        Assert.Null(streams.Find("hall"));
        var before = streams.Revision;
        streams.Keep([Other]);
        Assert.Empty(streams.All);
        Assert.True(streams.Revision > before);
    }

    [Theory]
    [InlineData(StreamState.Running, "Good", "Recording")]
    [InlineData(StreamState.Backoff, "Bad", "No signal")]
    [InlineData(StreamState.Failed, "Bad", "Failed")]
    [InlineData(StreamState.Starting, "Warning", "Connecting")]
    [InlineData(StreamState.Paused, "Idle", "Paused")]
    [InlineData(StreamState.Ended, "Idle", "Ended")]
    public void A_state_is_told_in_words_with_how_bad_it_is(StreamState state, string level, string text)
    {
        var condition = Condition.Of(Report(state), Now);
        Assert.Equal((level, text), (condition.Level.ToString(), condition.Text));
    }

    [Fact]
    public void A_live_stream_that_makes_no_chunks_any_more_is_in_trouble_no_matter_what_it_says_of_itself()
    {
        var last = new LastChunk("gate/x/0", Now.AddSeconds(-13), Now.AddSeconds(-10)) { At = Now.AddSeconds(-10) };
        var report = Report(StreamState.Running) with { LastChunk = last };
        Assert.Equal(Level.Good, Condition.Of(report, Now).Level);
        var stuck = Condition.Of(report with { LastChunk = last with { At = Now.AddMinutes(-3) } }, Now);
        Assert.Equal((Level.Bad, "No chunks"), (stuck.Level, stuck.Text));
    }

    [Fact]
    public void While_a_stream_handle_is_away_nothing_is_known_of_its_streams()
    {
        var streams = new KnownStreams(TimeProvider.System);
        streams.Replace(One, [Report(StreamState.Running)]);
        streams.Miss(One, "connection refused");
        Assert.Equal("Unknown", streams.ConditionOf(streams.Find("gate")!, Now).Text);
    }

    [Theory]
    [InlineData("Gate 1 (north)", "gate-1-north")]
    [InlineData("Türe Süd, café", "tuere-sued-cafe")]
    [InlineData("  -- ", "")]
    public void An_id_is_made_of_a_name(string name, string id) => Assert.Equal(id, Crispy.Cameras.CameraIds.Of(name));

    [Fact]
    public void A_form_sends_what_differs_from_the_defaults_and_takes_back_what_was_emptied()
    {
        var form = new CameraForm { Url = " rtsp://camera/1 ", Name = "Gate", Window = "2.5", Audio = "drop" };
        Assert.Equal("""{"id":"gate","url":"rtsp://camera/1","name":"Gate","window":2.5,"audio":"drop"}""",
            form.ToDefinition().ToJsonString());
        form.Name = "";
        Assert.True(form.ToPatch().ContainsKey("name"));
        Assert.Null(form.ToPatch()["name"]);
    }

    private static StreamReport Report(StreamState state) => new() { Id = "gate", State = state, Kind = StreamKind.Live };
}
