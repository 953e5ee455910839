using Crispy.Cli.Times;

namespace Crispy.Cli.Tests;

[Trait("Needs", "nothing")]
public sealed class TimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 14, 30, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Kolkata = TimeZoneInfo.CreateCustomTimeZone("test", new(5, 30, 0), "test", "test");

    [Theory]
    [InlineData("now", "2026-11-22T14:30:00Z")]
    [InlineData("-15m", "2026-11-22T14:15:00Z")]
    [InlineData("-1h30m", "2026-11-22T13:00:00Z")]
    [InlineData("-1.5d", "2026-11-21T02:30:00Z")]
    [InlineData("14:03", "2026-11-22T14:03:00Z")]
    [InlineData("9:03:05.25", "2026-11-22T09:03:05.25Z")]
    [InlineData("14:31", "2026-11-21T14:31:00Z")]
    [InlineData("today 14:31", "2026-11-22T14:31:00Z")]
    [InlineData("yesterday 14:03", "2026-11-21T14:03:00Z")]
    [InlineData("yesterday", "2026-11-21T00:00:00Z")]
    [InlineData("2026-11-20", "2026-11-20T00:00:00Z")]
    [InlineData("2026-11-20T14:03", "2026-11-20T14:03:00Z")]
    [InlineData("2026-11-20 14:03:05.123456", "2026-11-20T14:03:05.123456Z")]
    [InlineData("2026-11-20T14:03:00+02:00", "2026-11-20T12:03:00Z")]
    public void Times_are_said_in_many_ways(string text, string expected)
    {
        Assert.True(TimeExpression.TryParse(text, out var expression));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            expression.Resolve(Now, TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData("14:03", "2026-11-22T08:33:00Z")]
    [InlineData("2026-11-20T14:03", "2026-11-20T08:33:00Z")]
    [InlineData("2026-11-20T14:03Z", "2026-11-20T14:03:00Z")]
    [InlineData("yesterday", "2026-11-20T18:30:00Z")]
    public void Without_an_offset_the_zone_decides(string text, string expected)
    {
        Assert.True(TimeExpression.TryParse(text, out var expression));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), expression.Resolve(Now, Kolkata));
    }

    [Theory]
    [InlineData("14:10", "2026-11-20T14:10:00Z")]
    [InlineData("00:05", "2026-11-21T00:05:00Z")]
    [InlineData("+90s", "2026-11-20T14:04:30Z")]
    [InlineData("-1h", "2026-11-22T13:30:00Z")]
    public void The_end_of_a_range_follows_its_beginning(string text, string expected)
    {
        Assert.True(TimeExpression.TryParse(text, out var expression));
        var from = new DateTimeOffset(2026, 11, 20, 14, 3, 0, TimeSpan.Zero);
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            expression.Resolve(Now, TimeZoneInfo.Utc, from));
    }

    [Theory]
    [InlineData("")]
    [InlineData("noon")]
    [InlineData("25:00")]
    [InlineData("-15")]
    [InlineData("15m")]
    [InlineData("tomorrow")]
    [InlineData("yesterday noon")]
    [InlineData("2026-13-01")]
    [InlineData("-99999999999999999999d")]
    public void What_is_no_time_is_refused(string text) => Assert.False(TimeExpression.TryParse(text, out _));
}
