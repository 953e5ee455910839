using System.Text.Json.Nodes;

namespace Crispy.Contracts.Tests;

/// <summary>Which rules of a bucket are taken for Crispy's own, and what any rule means for an object.</summary>
public sealed class LifecycleRuleTests
{
    private const string Video = """ "matchesSuffix": [".ts", ".mkv", ".mp4"] """;

    [Theory]
    [InlineData($$"""{ "daysSinceCustomTime": 1, {{Video}} }""", true)]
    [InlineData($$"""{ "daysSinceCustomTime": 36500, {{Video}}, "matchesPrefix": ["gate/", "door-2/"] }""", true)]
    [InlineData("""{ "daysSinceCustomTime": 400, "matchesSuffix": [".json"] }""", true)]
    [InlineData($$"""{ "daysSinceCustomTime": 0, {{Video}} }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 36501, {{Video}} }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": "7", {{Video}} }""", false)]
    [InlineData($$"""{ "age": 7, {{Video}} }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, "age": 7, {{Video}} }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7 }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": "mkv" }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": [".mkv", 4, ".ts"] }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": [".mkv", ".mp4"] }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": [".mkv", ".mp4", ".ts", ".ts"] }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": [".mkv", ".mp4", ".txt"] }""", false)]
    [InlineData("""{ "daysSinceCustomTime": 7, "matchesSuffix": [".json"], "matchesPrefix": ["gate/"] }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "matchesPrefix": [] }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "matchesPrefix": "gate/" }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "matchesPrefix": ["gate"] }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "matchesPrefix": ["Their Folder/"] }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "matchesPrefix": ["gate/", "gate/2026/"] }""", false)]
    [InlineData($$"""{ "daysSinceCustomTime": 7, {{Video}}, "isLive": true }""", false)]
    public void A_rule_is_ours_only_in_exactly_the_form_that_is_written(string condition, bool expected)
    {
        Assert.Equal(expected, LifecycleRules.IsOurs(Rule(condition)));
        Assert.False(LifecycleRules.IsOurs(Rule(condition, """{ "type": "SetStorageClass" }""")));
        Assert.False(LifecycleRules.IsOurs(Rule(condition, """{ "type": "Delete", "storageClass": "COLDLINE" }""")));
    }

    [Theory]
    [InlineData("""{ "age": 7 }""", 7)]
    [InlineData("""{ "daysSinceCustomTime": 9 }""", 9)]
    [InlineData("""{ "age": 7, "daysSinceCustomTime": 9 }""", 9)]
    [InlineData("""{ "age": 9, "daysSinceCustomTime": 7 }""", 9)]
    [InlineData("""{ "age": 7, "matchesPrefix": ["door/", "gate/"], "matchesSuffix": [".txt", ".mkv"] }""", 7)]
    [InlineData("""{ "age": 7, "matchesPrefix": [] }""", 7)]
    [InlineData("""{ "age": 7, "matchesPrefix": ["door/"] }""", null)]
    [InlineData("""{ "age": 7, "matchesSuffix": [".ts"] }""", null)]
    [InlineData("""{ "age": 7, "matchesStorageClass": ["COLDLINE"] }""", null)]
    [InlineData("""{ "matchesPrefix": ["gate/"] }""", null)]
    public void What_a_rule_means_for_an_object_is_known(string condition, int? days) =>
        Assert.Equal(days, LifecycleRules.Of([Rule(condition)], "gate/2026/11/22/17/x.mkv").Days);

    [Fact]
    public void The_rule_that_deletes_first_counts()
    {
        JsonArray rules = [Rule("""{ "age": 9 }"""), Rule("""{ "age": 7 }"""), Rule("""{ "age": 8 }""")];
        Assert.Equal(7, LifecycleRules.Of(rules, "gate/x.mkv").Days);
    }

    [Fact]
    public void As_many_rules_and_names_as_a_bucket_takes_are_taken()
    {
        JsonArray Rules(int count, int names) => [.. Enumerable.Range(0, count).Select(index => index > 0 ? Rule("""{ "age": 7 }""")
            : Rule($$"""{ "matchesPrefix": [{{string.Join(',', Enumerable.Repeat("\"a/\"", names - 1))}}], "matchesSuffix": ["b"] }"""))];
        Assert.Null(LifecycleRules.Excess(Rules(100, 1000)));
        Assert.Equal("101 rules, and a bucket has at most 100", LifecycleRules.Excess(Rules(101, 1)));
        Assert.Equal("1001 prefixes and suffixes in all rules together, and a bucket has at most 1000",
            LifecycleRules.Excess(Rules(1, 1001)));
    }

    private static JsonNode Rule(string condition, string action = """{ "type": "Delete" }""") =>
        JsonNode.Parse($$"""{ "action": {{action}}, "condition": {{condition}} }""")!;
}
