namespace Crispy.Bench.Tests;

public class OptionTests
{
    [Fact]
    public void Numbers_are_parted_by_commas() => Assert.Equal([1, 8, 32], Report.Counts(["--seconds", "5", "--streams", "1,8,32"], "streams", 4));

    [Fact]
    public void Without_the_option_its_default_counts() => Assert.Equal(2.5, Report.Option(["--streams", "3"], "seconds", 2.5));

    [Theory]
    [InlineData("--seconds", "many")]
    [InlineData("--seconds", "-1")]
    [InlineData("--seconds", "1,2")]
    [InlineData("--seconds")]
    public void What_is_no_number_is_refused_by_name(params string[] args) =>
        Assert.Contains("--seconds", Assert.Throws<ArgumentException>(() => Report.Option(args, "seconds", 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_option_is_refused_and_the_known_ones_are_named()
    {
        var refused = Assert.Throws<ArgumentException>(() => Report.RequireKnown(["--minute", "1"], "minutes", "turns"));

        Assert.Contains("--minute is no option; there are --minutes, --turns", refused.Message, StringComparison.Ordinal);
    }
}
