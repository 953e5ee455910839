namespace Crispy.Bench.Tests;

public class StatisticsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(50, 3)]
    [InlineData(75, 4)]
    [InlineData(90, 4.6)]
    [InlineData(100, 5)]
    public void Percentiles_lie_between_their_neighbours(double percent, double expected) =>
        Assert.Equal(expected, new double[] { 5, 1, 4, 2, 3 }.Percentile(percent), 6);

    [Fact]
    public void Nothing_has_no_median_and_shows_as_a_dash() => Assert.Equal("-", Array.Empty<double>().Median().Text());

    [Fact]
    public void A_figure_of_several_is_their_median_with_its_spread()
    {
        var figure = Statistics.Figure("a.b", "something", [3, 1, 8], "ms");

        Assert.Equal((3, 1, 8), (figure.Value, figure.Least, figure.Greatest));
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [InlineData(double.NaN, false)]
    public void A_target_is_met_at_its_limit_and_never_by_what_is_not_known(double value, bool met)
    {
        Assert.Equal(met, (new Figure("a", "", value, "") with { AtLeast = 100 }).IsMet);
        Assert.Equal(met, (new Figure("a", "", -value, "") with { AtMost = -100 }).IsMet);
    }
}
