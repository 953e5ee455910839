using System.Text.Json;
using Crispy.Contracts.Api;

namespace Crispy.Contracts.Tests.Api;

public sealed class ApiJsonTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 53, 0, TimeSpan.Zero);

    [Fact]
    public void Names_are_camelCase_and_what_a_newer_version_says_is_read_as_unknown()
    {
        var json = JsonSerializer.Serialize(new StreamReport { Id = "gate", State = StreamState.Backoff, Kind = StreamKind.Live },
            JsonSerializerOptions.Web);
        Assert.Contains("\"state\":\"backoff\"", json, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"live\"", json, StringComparison.Ordinal);
        var newer = JsonSerializer.Deserialize<StreamReport>(json.Replace("backoff", "hibernating", StringComparison.Ordinal),
            JsonSerializerOptions.Web)!;
        Assert.Equal((StreamState.Unknown, StreamKind.Live), (newer.State, newer.Kind));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    public void What_is_no_name_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<StreamState>(json, JsonSerializerOptions.Web));

    [Theory]
    [InlineData("restart", GapKind.Restart)]
    [InlineData("reconnect", GapKind.Reconnect)]
    [InlineData("droppedOldest", GapKind.Loss)]
    [InlineData("Connection refused", GapKind.Camera)]
    public void A_gap_says_why_in_a_kind_and_in_words(string reason, GapKind kind)
    {
        var gap = new Gap(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(3), reason);
        Assert.Equal(kind, gap.Kind);
        Assert.NotEmpty(gap.Text);
        var read = JsonSerializer.Deserialize<Gap>(JsonSerializer.Serialize(gap, JsonSerializerOptions.Web), JsonSerializerOptions.Web);
        Assert.Equal(gap, read);
    }

    [Theory]
    [InlineData(StreamState.Running, null, Level.Good)]
    [InlineData(StreamState.Running, 31, Level.Warning)]
    [InlineData(StreamState.Ended, 31, Level.Warning)]
    [InlineData(StreamState.Paused, 31, Level.Idle)]
    [InlineData(StreamState.Unknown, null, Level.Bad)]
    public void A_stream_whose_oldest_chunk_waits_long_needs_a_look(StreamState state, int? seconds, Level level)
    {
        var report =
            new StreamReport { Id = "gate", State = state, Spooled = 4, WaitingSince = seconds is { } age ? Now.AddSeconds(-age) : null };
        Assert.Equal(level, Condition.Of(report, Now).Level);
    }

    [Fact]
    public void A_camera_that_is_tried_again_keeps_its_trouble_until_a_picture_comes()
    {
        var report =
            new StreamReport { Id = "gate", State = StreamState.Starting, LastError = new(DateTimeOffset.UnixEpoch, "401 Unauthorized") };
        Assert.Equal((Level.Bad, "No signal", "401 Unauthorized"),
            (Condition.Of(report, Now) is var tried ? tried.Level : default, tried.Text, tried.Detail));
        Assert.Equal(Level.Warning, Condition.Of(report with { LastError = null }, Now).Level);
    }
}
