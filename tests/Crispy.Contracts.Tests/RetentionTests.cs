using System.Text.Json.Nodes;

namespace Crispy.Contracts.Tests;

/// <summary>How long what is kept, as rules of a bucket.</summary>
public sealed class RetentionTests
{
    private static readonly RetentionPeriod Month = new(30);
    private static readonly Dictionary<string, RetentionPeriod?> Nothing = [];

    [Theory]
    [InlineData("30", "30")]
    [InlineData("1", "1")]
    [InlineData("36500", "36500")]
    [InlineData("forever", "forever")]
    [InlineData("Forever", "forever")]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("36501", null)]
    [InlineData("30.0", null)]
    [InlineData(" 30", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_period_is_read_and_written(string? text, string? expected) =>
        Assert.Equal(expected, RetentionPeriod.Parse(text)?.ToString());

    [Fact]
    public void One_period_for_all_is_a_rule_for_video_and_one_for_loss_records()
    {
        Assert.Equal(["30 *.mkv|.mp4|.ts", "365 *.json"], Rules(new(Month, new(365), Nothing)));
        Assert.Equal(["30 *.mkv|.mp4|.ts"], Rules(new(Month, RetentionPeriod.Forever, Nothing)));
        Assert.Empty(Rules(new(RetentionPeriod.Forever, RetentionPeriod.Forever, Nothing)));
    }

    [Fact]
    public void Streams_of_one_period_share_a_rule_and_what_is_kept_longest_needs_no_names()
    {
        var streams = new Dictionary<string, RetentionPeriod?> { ["till"] = new(7), ["door"] = new(7), ["gate"] = null };
        Assert.Equal(["7 door/|till/*.mkv|.mp4|.ts", "30 *.mkv|.mp4|.ts"], Rules(new(Month, RetentionPeriod.Forever, streams)));
    }

    [Fact]
    public void A_stream_that_is_kept_longer_than_the_default_has_all_others_named_so_that_none_of_its_video_goes_sooner()
    {
        var streams = new Dictionary<string, RetentionPeriod?> { ["vault"] = new(365), ["gate"] = null, ["door"] = null };
        var plan = new RetentionPlan(Month, RetentionPeriod.Forever, streams);
        Assert.Equal(["30 door/|gate/*.mkv|.mp4|.ts", "365 vault/*.mkv|.mp4|.ts", "365 *.mkv|.mp4|.ts"], Rules(plan));
        Assert.Equal(2, plan.NamedForDefault);
        JsonArray rules = [.. plan.Rules()];
        Assert.Equal((30, 365, 365), (LifecycleRules.VideoOf(rules, "gate").Days, LifecycleRules.VideoOf(rules, "vault").Days,
            LifecycleRules.VideoOf(rules, "new").Days));
        var forever = new RetentionPlan(Month, RetentionPeriod.Forever, new Dictionary<string,
            RetentionPeriod?> { ["vault"] = RetentionPeriod.Forever, ["gate"] = null });
        Assert.Equal(["30 gate/*.mkv|.mp4|.ts"], Rules(forever));
    }

    [Fact]
    public void Loss_records_outlive_the_video_of_every_stream_no_matter_what_is_asked_for()
    {
        var plan = new RetentionPlan(Month, new(60), new Dictionary<string, RetentionPeriod?> { ["vault"] = new(365) });
        Assert.Equal("365 *.json", Rules(plan)[^1]);
        JsonArray rules = [.. plan.Rules()];
        var lost = new LossObjectName("gate", DateTimeOffset.UnixEpoch, 1).ToString();
        Assert.Equal(365, LifecycleRules.Of(rules, lost).Days);
    }

    [Fact]
    public void Rules_of_others_stay_as_they_are_and_in_their_order()
    {
        const string foreign = """
            [{"condition":{"age":30,"matchesStorageClass":["STANDARD"]},"action":{"storageClass":"NEARLINE","type":"SetStorageClass"}},
             {"action":{"type":"Delete"},"condition":{"age":365}},
             {"action":{"type":"Delete"},"condition":{"daysSinceCustomTime":10,"matchesSuffix":[".mkv"]}},
             {"action":{"type":"Delete"},"condition":{"daysSinceCustomTime":10,"matchesSuffix":[".mkv",".mp4",".ts"],"isLive":true}},
             {"action":{"type":"Delete"},
              "condition":{"daysSinceCustomTime":10,"matchesSuffix":[".mkv",".mp4",".ts"],"matchesPrefix":["gate/2026"]}},
             {"action":{"type":"Delete"},"condition":{"daysSinceCustomTime":10,"matchesSuffix":[".json"],"matchesPrefix":["gate/"]}},
             {"action":{"type":"Delete"},"condition":{"daysSinceCustomTime":1e1,"matchesSuffix":[".mkv",".mp4",".ts"]},"future":{"x":1.50}},
             {"action":{"type":"AbortIncompleteMultipartUpload"},"condition":{"age":1}}]
            """;
        var present = JsonNode.Parse(foreign)!.AsArray();
        present.Insert(1, LifecycleRules.Video(90, []));
        present.Add(LifecycleRules.Losses(400));
        var before = JsonNode.Parse(foreign)!.AsArray().Select(rule => rule!.ToJsonString());

        var change = LifecycleChange.Of(present, new RetentionPlan(Month, RetentionPeriod.Forever, Nothing).Rules());

        Assert.Equal(before, change.Rules.Take(8).Select(rule => rule!.ToJsonString()));
        Assert.Equal(before, change.Foreign.Select(rule => rule.ToJsonString()));
        Assert.Equal((2, 1, 0, 9), (change.Removed.Count, change.Added.Count, change.Kept.Count, change.Rules.Count));
    }

    [Fact]
    public void The_same_rules_in_another_order_of_keys_are_no_change()
    {
        var streams = new Dictionary<string, RetentionPeriod?> { ["till"] = new(7), ["door"] = new(7) };
        var plan = new RetentionPlan(Month, new(90), streams);
        var told = JsonNode.Parse("""
            [{"condition":{"matchesSuffix":[".ts",".mkv",".mp4"],"matchesPrefix":["till/","door/"],"daysSinceCustomTime":7},
              "action":{"type":"Delete"}},
             {"condition":{"matchesSuffix":[".mkv",".mp4",".ts"],"daysSinceCustomTime":30},"action":{"type":"Delete"}},
             {"condition":{"matchesSuffix":[".json"],"daysSinceCustomTime":90},"action":{"type":"Delete"}}]
            """)!.AsArray();
        Assert.False(LifecycleChange.Of(told, plan.Rules()).IsAny);
        told[0]!["condition"]!["daysSinceCustomTime"] = 8;
        Assert.True(LifecycleChange.Of(told, plan.Rules()).IsAny);
    }

    [Fact]
    public void A_set_of_streams_that_does_not_fit_into_one_bucket_is_told_with_its_numbers()
    {
        var many = Enumerable.Range(0, 994).ToDictionary(number => $"camera-{number}", _ => (RetentionPeriod?)null);
        many["vault"] = new(365);
        Assert.Null(LifecycleRules.Excess([.. new RetentionPlan(Month, RetentionPeriod.Forever,
            many.SkipLast(5).Append(new("vault", new(365))).DistinctBy(pair => pair.Key).ToDictionary()).Rules()]));
        Assert.Contains("1004 prefixes and suffixes", LifecycleRules.Excess(
            [.. new RetentionPlan(Month, RetentionPeriod.Forever, many).Rules()]), StringComparison.Ordinal);
        var kinds = Enumerable.Range(1, 100).ToDictionary(days => $"camera-{days}", days => (RetentionPeriod?)new RetentionPeriod(days));
        Assert.Contains("101 rules", LifecycleRules.Excess([.. new RetentionPlan(new(200), RetentionPeriod.Forever, kinds).Rules()]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_were_removed_keep_what_the_rules_say_of_them()
    {
        var before = new RetentionPlan(Month, RetentionPeriod.Forever, new Dictionary<string,
            RetentionPeriod?> { ["till"] = new(7), ["vault"] = new(365), ["gate"] = null });
        JsonArray present = [.. before.Rules()];
        var after = RetentionPlan.For(Month, RetentionPeriod.Forever, new Dictionary<string, RetentionPeriod?> { ["gate"] = null },
            ["gate", "till", "vault"], present, whole: true);
        JsonArray rules = [.. after.Rules()];
        Assert.Equal((7, 365, 30), (LifecycleRules.VideoOf(rules, "till").Days, LifecycleRules.VideoOf(rules, "vault").Days,
            LifecycleRules.VideoOf(rules, "gate").Days));
        // One that was kept forever is named by no rule: that all others are says it.
        var forever = new RetentionPlan(Month, RetentionPeriod.Forever, new Dictionary<string,
            RetentionPeriod?> { ["vault"] = RetentionPeriod.Forever, ["gate"] = null });
        JsonArray kept = [.. RetentionPlan.For(Month, RetentionPeriod.Forever, new Dictionary<string, RetentionPeriod?> { ["gate"] = null },
            ["gate", "vault"], [.. forever.Rules()], whole: true).Rules()];
        Assert.Equal((null, 30), (LifecycleRules.VideoOf(kept, "vault").Days, LifecycleRules.VideoOf(kept, "gate").Days));
    }

    [Fact]
    public void A_first_plan_of_a_bucket_with_streams_that_nobody_knows_gives_them_the_default()
    {
        var plan = RetentionPlan.For(Month, RetentionPeriod.Forever, Nothing, ["gate", "door"], [], whole: true);
        Assert.Equal(["30 *.mkv|.mp4|.ts"], Rules(plan));
    }

    [Fact]
    public void Costs_follow_the_price_list_and_a_wrong_price_is_named()
    {
        var prices = new PriceList();
        Assert.Equal(0.02 * 1000, prices.Storage(1000.0 * (1 << 30)), 6);
        Assert.Equal(28_800 * 365.25 / 12 / 10_000 * 0.054, prices.Operations(28_800), 6);
        var mistakes = new List<string>();
        var own = PriceList.Read(key => key switch { "StorageGiBMonth" => "0.03", "ClassA" => "-1", "Currency" => "euro", _ => null },
            mistakes);
        Assert.Equal((0.03, 0.05, "USD"), (own.StorageGiBMonth, own.ClassA, own.Currency));
        Assert.Equal(2, mistakes.Count);
        Assert.StartsWith("Crispy:Prices:ClassA is '-1'", mistakes[0], StringComparison.Ordinal);
    }

    private static List<string> Rules(RetentionPlan plan) => [.. plan.Rules().Select(rule =>
    {
        Assert.True(LifecycleRules.IsOurs(JsonNode.Parse(rule.ToJsonString())));
        var condition = rule["condition"]!;
        return $"{condition["daysSinceCustomTime"]} {Joined(condition["matchesPrefix"])}*{Joined(condition["matchesSuffix"])}";
    })];

    private static string Joined(JsonNode? list) => list is null ? "" : string.Join('|', list.AsArray().Select(text => (string)text!));
}
