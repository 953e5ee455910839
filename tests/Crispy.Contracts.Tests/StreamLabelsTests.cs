namespace Crispy.Contracts.Tests;

public sealed class StreamLabelsTests
{
    [Theory]
    [InlineData("Gate")]
    [InlineData("Building A/Gate")]
    [InlineData("1/2/3/4/5")]
    [InlineData("Gebäude Ä/Süd 2 (außen)")]
    public void A_group_is_a_path_of_names(string group) => Assert.True(StreamLabels.IsGroup(group));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" Gate")]
    [InlineData("A//B")]
    [InlineData("A/ B")]
    [InlineData("/A")]
    [InlineData("A/")]
    [InlineData("1/2/3/4/5/6")]
    [InlineData("A\nB")]
    [InlineData("A\u202eB")]
    public void What_is_no_path_of_names_is_no_group(string? group) => Assert.False(StreamLabels.IsGroup(group));

    [Fact]
    public void A_group_has_a_hundred_characters_at_most()
    {
        Assert.True(StreamLabels.IsGroup(new string('a', 100)));
        Assert.False(StreamLabels.IsGroup(new string('a', 101)));
    }

    [Theory]
    [InlineData("gate", true)]
    [InlineData("2nd_floor-v1.0", true)]
    [InlineData("süd", true)]
    [InlineData("a b", false)]
    [InlineData("-a", false)]
    [InlineData("a,b", false)]
    [InlineData("<b>", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_tag_is_a_short_word(string? tag, bool isTag) => Assert.Equal(isTag, StreamLabels.IsTag(tag));

    [Theory]
    [InlineData("Building A", "building a", true)]
    [InlineData("Building A/Gate", "Building A", true)]
    [InlineData("Building AB", "Building A", false)]
    [InlineData("Building", "Building A", false)]
    [InlineData(null, "A", false)]
    public void A_group_holds_the_groups_in_it(string? group, string other, bool isIn) =>
    Assert.Equal(isIn, StreamLabels.IsIn(group, other));

    [Fact]
    public void Tags_are_a_set_in_their_order() => Assert.Equal(["b", "A"], StreamLabels.Words(" b, A;a|B\n"));
}
