using Crispy.Console.Layout;

namespace Crispy.Console.Tests;

[Trait("Needs", "nothing")]
public sealed class ZoneTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 13, 50, 0, TimeSpan.Zero);

    private readonly Zone _utc = new(null!, null!);

    [Theory]
    [InlineData("2026-11-26 14:03:05", "2026-11-26T14:03:05Z")]
    [InlineData(" 2026-11-26T14:03:05.25 ", "2026-11-26T14:03:05.25Z")]
    [InlineData("2026-11-26 9:03", "2026-11-26T09:03:00Z")]
    [InlineData("2026-11-26", "2026-11-26T00:00:00Z")]
    [InlineData("14:03", "2026-11-27T14:03:00Z")]
    [InlineData("9:03:07", "2026-11-27T09:03:07Z")]
    [InlineData("2026-11-26 14:03:05.123456 +01:00", "2026-11-26T13:03:05.123456Z")]
    [InlineData("2026-11-26 14:03:05.123456 UTC", "2026-11-26T14:03:05.123456Z")]
    [InlineData("2026-11-26T14:03:05Z", "2026-11-26T14:03:05Z")]
    public void A_time_is_read_as_people_and_the_page_write_it(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), _utc.Parse(text, Now));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("11/26/2026 2:03 PM")]
    [InlineData("26.11.2026")]
    [InlineData("2026-02-30 10:00")]
    [InlineData("25:00")]
    [InlineData("9999-12-31 23:59:59")]
    public void What_is_no_time_is_none(string? text) => Assert.Null(_utc.Parse(text, Now));

    [Fact]
    public void What_the_page_writes_can_be_read_again()
    {
        var exact = Now.AddTicks(1_234_560);
        Assert.Equal(exact, _utc.Parse(_utc.Exact(exact), Now.AddDays(1)));
        Assert.Equal(Now, _utc.Parse(_utc.Moment(Now), Now.AddDays(1)));
    }
}
