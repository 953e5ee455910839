using Crispy.Contracts;
using Crispy.StreamHandle.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Crispy.StreamHandle.Tests;

[Trait("Needs", "nothing")]
public sealed class SettingsTests
{
    private static readonly string Key = SigningKey.NewPrivatePem();

    private static Settings Read(params (string Key, string? Value)[] pairs)
    {
        var values = new Dictionary<string, string?> { ["Crispy:Spool:Path"] = "/tmp/x", ["Crispy:Signing:PrivateKey"] = Key,
            ["Crispy:Api:AllowAnonymous"] = "true", ["Crispy:Streams:0:Id"] = "gate", ["Crispy:Streams:0:Url"] = "/clip.mp4" };
        foreach (var (key, value) in pairs) values[$"Crispy:{key}"] = value;
        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }

    private static string Mistake(params (string Key, string? Value)[] pairs) =>
        Assert.Single(Assert.Throws<OptionsValidationException>(() => Read(pairs)).Failures);

    [Fact]
    public void Everything_has_a_default_but_id_and_url()
    {
        var stream = Assert.Single(Read().Streams);
        Assert.Equal(("gate", TimeSpan.FromSeconds(3), SegmentMode.Copy, "mkv", AudioPolicy.Keep),
            (stream.Id, stream.Window, stream.Mode, stream.Container, stream.Audio));
    }

    [Fact]
    public void Nothing_is_deleted_unless_it_is_said_and_a_stream_may_have_something_of_its_own()
    {
        Assert.Equal((RetentionPeriod.Forever, RetentionPeriod.Forever), (Read().Retention.Video, Read().Retention.LossRecords));
        var settings = Read(("Retention:Days", "30"), ("Retention:LossRecordDays", "400"), ("Streams:0:RetentionDays", "365"));
        Assert.Equal(new(365, 400, true, 30), settings.Retention.Of(settings.Streams[0]));
        Assert.Equal(new(30, 400, false, 30), settings.Retention.Of(null));
        Assert.Equal(RetentionPeriod.Forever, Read(("Streams:0:RetentionDays", "forever")).Streams[0].Retention);
    }

    [Fact]
    public void Loss_records_outlive_all_video_and_wrong_days_are_named()
    {
        Assert.StartsWith("Crispy:Retention:LossRecordDays is '20': must not be below Days, 30",
            Mistake(("Retention:Days", "30"), ("Retention:LossRecordDays", "20")));
        Assert.StartsWith("Crispy:Retention:LossRecordDays is '20': must not be below Days, forever",
            Mistake(("Retention:LossRecordDays", "20")));
        Assert.StartsWith("Crispy:Streams: RetentionDays of 'gate' is '90'",
            Mistake(("Retention:Days", "30"), ("Retention:LossRecordDays", "60"), ("Streams:0:RetentionDays", "90")));
        Assert.StartsWith("Crispy:Retention:Days is '0': must be a whole number of days", Mistake(("Retention:Days", "0")));
        Assert.StartsWith("Crispy:Streams:0:RetentionDays is 'long': must be a whole number of days",
            Mistake(("Streams:0:RetentionDays", "long")));
        Assert.StartsWith("Crispy:Retention:Months is not a known key", Mistake(("Retention:Months", "1")));
    }

    [Fact]
    public void A_demo_is_encoded_and_cannot_be_copied()
    {
        Assert.Equal(SegmentMode.Transcode, Read(("Streams:0:Url", "demo:")).Streams[0].Mode);
        Assert.StartsWith("Crispy:Streams:0:Mode is 'copy': must be transcode",
            Mistake(("Streams:0:Url", "demo:"), ("Streams:0:Mode", "copy")));
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0.5", 0.5)]
    [InlineData("00:00:10", 10)]
    [InlineData("01:00:00", 3600)]
    public void A_window_is_seconds_or_a_time_span(string text, double seconds) =>
        Assert.Equal(seconds, Read(("Streams:0:Window", text)).Streams[0].Window.TotalSeconds);

    [Theory]
    [InlineData("Window", "0.05")]
    [InlineData("Window", "2:00:00")]
    [InlineData("Window", "long")]
    [InlineData("Window", "-3")]
    [InlineData("Window", "NaN")]
    [InlineData("Mode", "remux")]
    [InlineData("Mode", "1")]
    [InlineData("Container", "avi")]
    [InlineData("Audio", "mute")]
    [InlineData("Variant", "best")]
    [InlineData("Variant", "0x240")]
    [InlineData("AudioTrack", "the first")]
    [InlineData("EveryNthFrame", "0")]
    [InlineData("EveryNthFrame", "3")]
    [InlineData("Scale", "640:360")]
    [InlineData("Crf", "23")]
    [InlineData("Codec", "libx265")]
    [InlineData("Realtime", "yes")]
    [InlineData("RtspTransport", "tcp")]
    [InlineData("StartTime", "yesterday")]
    [InlineData("Id", "Gate")]
    [InlineData("Id", "-gate")]
    [InlineData("Url", "ftp://camera/1")]
    [InlineData("Url", "demo:?size=1x1")]
    [InlineData("Url", "rtsp://")]
    public void A_bad_value_is_named_with_its_key(string key, string value)
    {
        var mistake = Mistake(($"Streams:0:{key}", value));
        Assert.StartsWith($"Crispy:Streams:0:{key} is '{value}': ", mistake);
    }

    [Theory]
    [InlineData("Scale", "640:360;rm")]
    [InlineData("Scale", "-2:-2")]
    [InlineData("Codec", "libx264 -y /etc/passwd")]
    [InlineData("Crf", "52")]
    public void Values_for_transcoding_cannot_become_other_arguments(string key, string value) =>
        Assert.StartsWith($"Crispy:Streams:0:{key} is '{value}': ", Mistake(("Streams:0:Mode", "transcode"), ($"Streams:0:{key}", value)));

    [Theory]
    [InlineData("Leases:Enabled", "yes")]
    [InlineData("Leases:Time", "0.5")]
    [InlineData("Leases:WhenRedisIsAway", "panic")]
    [InlineData("Connects:AtOnce", "0")]
    [InlineData("Connects:Jitter", "2:00:00")]
    public void A_bad_value_of_sharing_and_connecting_is_named(string key, string value) =>
    Assert.StartsWith($"Crispy:{key} is '{value}': ", Mistake((key, value)));

    [Fact]
    public void Streams_are_not_leased_unless_asked_for() => Assert.False(Read().Leases.Enabled);

    [Theory]
    [InlineData("Leases:Tim", "3")]
    [InlineData("Connects:Max", "3")]
    [InlineData("Streams:0:Windw", "3")]
    [InlineData("Spool:Size", "3")]
    [InlineData("Signing:Key", "3")]
    [InlineData("Stream:0:Id", "3")]
    public void An_unknown_key_is_refused(string key, string value) => Assert.Contains("is not a known key", Mistake((key, value)));

    [Fact]
    public void All_mistakes_are_told_at_once() => Assert.Equal(4, Assert.Throws<OptionsValidationException>(() =>
        Read(("Streams:0:Window", "x"), ("Streams:1:Id", "a"), ("Spool:Path", ""), ("Signing:PrivateKey", "junk"))).Failures.Count());

    [Fact]
    public void Ids_are_unique() =>
    Assert.Contains("'gate' is used by 2 streams", Mistake(("Streams:1:Id", "gate"), ("Streams:1:Url", "demo:")));

    [Fact]
    public void A_signing_key_is_never_repeated()
    {
        var mistake = Mistake(("Signing:PrivateKey", "-----BEGIN secret"));
        Assert.DoesNotContain("BEGIN secret", mistake);
        Assert.StartsWith("Crispy:Signing:PrivateKey ", mistake);
    }

    [Fact]
    public void A_password_in_a_mistaken_url_is_not_repeated() =>
        Assert.DoesNotContain("hunter2", Mistake(("Streams:0:Url", "ftp://user:hunter2@camera/1")));
}
