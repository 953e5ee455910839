namespace Crispy.Bench.Tests;

public class OptionTests
{
    private static Options Of(params string[] args) => new(args, "seconds", "streams", "job", "save");

    [Fact]
    public void Numbers_are_parted_by_commas() =>
        Assert.Equal([1, 8, 32], Of("--seconds", "5", "--streams", "1,8,32").Counts("streams", 4));

    [Fact]
    public void Without_the_option_its_default_counts()
    {
        var options = Of("--streams", "3");

        Assert.Equal(2.5, options.Number("seconds", 2.5));
        Assert.Equal("short", options.Text("job", "short"));
        Assert.False(options.Has("save"));
    }

    [Theory]
    [InlineData("--seconds", "many")]
    [InlineData("--seconds", "-1")]
    [InlineData("--seconds", "1,2")]
    [InlineData("--seconds")]
    public void What_is_no_number_is_refused_by_name(params string[] args) =>
        Assert.Contains("--seconds", Assert.Throws<OptionException>(() => Of(args).Number("seconds", 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_option_that_needs_a_word_is_refused_without_it() =>
        Assert.Equal("--job needs a value", Assert.Throws<OptionException>(() => Of("--job").Text("job", "short")).Message);

    [Fact]
    public void An_unknown_option_is_refused_and_the_known_ones_are_named()
    {
        var refused = Assert.Throws<OptionException>(() => new Options(["--minute", "1"], "minutes", "turns"));

        Assert.Contains("--minute is no option; there are --minutes, --turns", refused.Message, StringComparison.Ordinal);
    }
}
