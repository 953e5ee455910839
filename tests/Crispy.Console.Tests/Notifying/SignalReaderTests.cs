using Crispy.Console.Notifying;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Tests.Notifying;

[Trait("Needs", "nothing")]
public sealed class SignalReaderTests
{
    private static readonly Uri One = new("http://one:8080"), Other = new("http://other:8080");
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 51, 23, TimeSpan.Zero);
    private static readonly ServiceDuty Up = new(true, Now.AddHours(-1), null), Down = new(false, Now.AddMinutes(-3), "connection refused");
    private static readonly DiskDuty Roomy = new(1_000_000, 2_000_000, 100, 10_000, false, false);

    [Fact]
    public void While_all_is_well_nothing_is_bad_and_everything_is_known()
    {
        var signals = Servers(new() { At = Now, Bucket = Up, Broker = Up, Redis = Up, Disk = Roomy });
        Assert.Equal(["broker", "bucket", "law", "spool/full", "spool/short", "workers"], signals.Keys.Order());
        Assert.All(signals.Values, signal => Assert.False(signal.Bad));
    }

    [Fact]
    public void A_certificate_of_another_process_is_told_of_until_it_is_renewed_or_gone()
    {
        var report = new DutyReport { At = Now, Redis = Up, Disk = Roomy,
            Certificates = [new("The certificate of RabbitMQ", Now.AddDays(9)), new("The certificate of Redis", Now.AddDays(90))] };
        var signals = SignalReader.Certificates(report, true, ["serverCertificate/gone", "certificate/own"])
            .ToDictionary(signal => signal.Key);
        Assert.Equal(
            ["serverCertificate/The certificate of RabbitMQ", "serverCertificate/The certificate of Redis", "serverCertificate/gone"],
            signals.Keys.Order(StringComparer.Ordinal));
        var soon = signals["serverCertificate/The certificate of RabbitMQ"];
        Assert.Equal((NoticeKind.Certificate, true, Level.Warning, "The certificate of RabbitMQ ends in 9 days"),
            (soon.Kind, soon.Bad, soon.Level, soon.Text));
        Assert.False(signals["serverCertificate/The certificate of Redis"].Bad);
        Assert.False(signals["serverCertificate/gone"].Bad);
        // Nobody says that it is gone.
        Assert.DoesNotContain(
            SignalReader.Certificates(report with { Away = [new("http://one:8080", "gone")] }, true, ["serverCertificate/gone"]),
            signal => signal.Key.EndsWith("gone", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_is_away_is_bad_from_the_first_moment_with_its_reason()
    {
        var signals = Servers(new() { At = Now, Bucket = Down with { Since = Now.AddSeconds(-2) }, Broker = Down, Redis = Up,
            Disk = Roomy });
        Assert.Equal((true, Level.Bad, Now.AddSeconds(-2)), (signals["bucket"].Bad, signals["bucket"].Level, signals["bucket"].Since));
        Assert.Contains("connection refused", signals["broker"].Text, StringComparison.Ordinal);
        // With a bucket that workers tell of, they are there.
        Assert.False(signals["workers"].Bad);
    }

    [Fact]
    public void Without_workers_they_are_bad_and_the_bucket_is_not_known()
    {
        var signals = Servers(new() { At = Now, Bucket = new(null, Now, "no upload-worker tells of itself"), Broker = Up, Redis = Up,
            Disk = Roomy });
        Assert.Equal((true, null), (signals["workers"].Bad, signals["bucket"].Bad));
    }

    [Fact]
    public void Without_redis_neither_bucket_nor_workers_are_known()
    {
        var signals = Servers(new() { At = Now, Bucket = new(null, Now, "Redis cannot be used"), Broker = Up, Redis = Down, Disk = Roomy });
        Assert.Null(signals["bucket"].Bad);
        Assert.DoesNotContain("workers", signals.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_not_every_stream_handle_confirms_does_not_end(bool heard)
    {
        var report = new DutyReport { At = Now, Bucket = Up, Broker = Up, Redis = Up, Disk = Roomy };
        var signals = Servers(heard ? report with { Away = [new("http://one:8080", "gone")] } : report, heard);
        foreach (var key in new[] { "law", "spool/full", "spool/short" }) Assert.DoesNotContain(key, signals.Keys);
        Assert.Equal((null, false), (signals["broker"].Bad, signals["bucket"].Bad));
    }

    [Fact]
    public void Before_any_stream_handle_told_anything_nothing_is_known() =>
        Assert.DoesNotContain(SignalReader.Servers(DutyJudge.Merge([], [], Now), isWhole: false), signal => signal.Bad is not null);

    [Fact]
    public void A_spool_that_is_soon_full_and_then_is_full_is_told_twice_and_never_taken_for_well_in_between()
    {
        var waits = new DutyReport { At = Now, Bucket = Up, Broker = Up, Redis = Up, Waiting = new(10, 1000, Now.AddMinutes(-2)) };
        var soon = Servers(waits with { Disk = Roomy with { SecondsLeft = 1800 } });
        Assert.Equal((true, Level.Warning, false), (soon["spool/short"].Bad, soon["spool/short"].Level, soon["spool/full"].Bad));
        var full = Servers(waits with { Disk = Roomy with { SecondsLeft = 0, IsFull = true } });
        Assert.Equal((true, Level.Bad), (full["spool/full"].Bad, full["spool/full"].Level));
        Assert.DoesNotContain("spool/short", full.Keys);
        // While chunks are stored as they come it does not fill.
        Assert.False(Servers(waits with { Disk = Roomy with { SecondsLeft = 60 }, Waiting = new(0, 0, null) })["spool/short"].Bad);
    }

    [Fact]
    public void Chunks_that_are_nowhere_are_told() =>
        Assert.True(Servers(new() { At = Now, Bucket = Up, Broker = Up, Disk = Roomy, Balance = -2 })["law"].Bad);

    [Fact]
    public void A_stream_handle_that_is_away_is_bad_and_over_when_it_was_heard_again_or_is_no_longer_asked()
    {
        var away = new DutyReport { At = Now, Away = [new("http://one:8080", "refused")] };
        var bad = Assert.Single(SignalReader.StreamHandles(away, [One, Other], _ => true, []));
        Assert.Equal((true, "streamHandle/http://one:8080"), (bad.Bad, bad.Key));
        var report = new DutyReport { At = Now };
        Assert.False(Assert.Single(SignalReader.StreamHandles(report, [One, Other], _ => true, [bad.Key, "bucket"])).Bad);
        Assert.False(Assert.Single(SignalReader.StreamHandles(report, [Other], _ => true, [bad.Key])).Bad);
        // A console that has just started knows of nobody, and has heard nobody.
        Assert.Empty(SignalReader.StreamHandles(report, [], _ => true, [bad.Key]));
        Assert.Empty(SignalReader.StreamHandles(report, [One], _ => false, [bad.Key]));
    }

    [Theory]
    [InlineData(StreamState.Backoff, true)]
    [InlineData(StreamState.Failed, true)]
    [InlineData(StreamState.Running, false)]
    [InlineData(StreamState.Paused, false)]
    [InlineData(StreamState.Standby, false)]
    [InlineData(StreamState.Ended, false)]
    [InlineData(StreamState.Removed, false)]
    [InlineData(StreamState.Starting, null)]
    public void A_camera_is_away_while_it_is_in_trouble_and_a_paused_one_is_not(StreamState state, bool? bad)
    {
        var streams = new KnownStreams(TimeProvider.System);
        streams.Replace(One, [new() { Id = "gate", Name = "Gate, north", State = state, Kind = StreamKind.Live,
            Error = state == StreamState.Backoff ? "refused" : null }]);
        var signal = SignalReader.Cameras(streams, true, Now, new Dictionary<string, string>()).SingleOrDefault();
        Assert.Equal(bad, signal?.Bad);
        if (state == StreamState.Backoff) Assert.Equal(("camera/gate", "Gate, north does not record. No signal: refused"),
            (signal!.Key, signal.Text));
    }

    [Fact]
    public void Cameras_of_a_stream_handle_that_is_away_stay_what_they_were_and_one_that_was_removed_is_over()
    {
        var streams = new KnownStreams(TimeProvider.System);
        var open = new Dictionary<string, string> { ["gone"] = "Gone" };
        streams.Replace(One, [new() { Id = "gate", State = StreamState.Running, Kind = StreamKind.Live }]);
        Assert.Equal([("camera/gate", false), ("camera/gone", false)], SignalReader.Cameras(streams, true, Now, open)
            .Select(signal => (signal.Key, signal.Bad!.Value)));
        // Another stream-handle may have it.
        Assert.Equal("camera/gate", Assert.Single(SignalReader.Cameras(streams, false, Now, open)).Key);
        streams.Miss(One, "refused");
        Assert.Empty(SignalReader.Cameras(streams, true, Now, open));
    }

    private static Dictionary<string, Signal> Servers(DutyReport facts, bool isWhole = true) =>
        SignalReader.Servers(DutyJudge.Judge(facts), isWhole).ToDictionary(signal => signal.Key);
}
