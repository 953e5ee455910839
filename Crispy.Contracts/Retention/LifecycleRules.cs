using System.Text.Json.Nodes;

namespace Crispy.Contracts;

/// <summary>The rules of a bucket's lifecycle that Crispy writes, in the form of Cloud Storage's JSON API. Also what any bucket's rules
/// mean for an object. Days count from an object's custom time, which is when its video begins.</summary>
public static class LifecycleRules
{
    /// <summary>Most rules of a bucket.</summary>
    public const int MostRules = 100;

    /// <summary>Most prefixes and suffixes of all rules of a bucket together (50 until June 2025).</summary>
    public const int MostNameParts = 1000;

    private const string LossSuffix = ".json";

    private static readonly string[] VideoSuffixes = [".mkv", ".mp4", ".ts"];
    private static readonly string[] Understood = ["daysSinceCustomTime", "age", "matchesPrefix", "matchesSuffix"];

    /// <summary>Deletes video after some days.</summary>
    /// <param name="days">How many.</param>
    /// <param name="streams">Of these streams; of all where there are none.</param>
    public static JsonObject Video(int days, IReadOnlyList<string> streams)
    {
        var condition = new JsonObject { ["daysSinceCustomTime"] = days };
        if (streams.Count > 0) condition["matchesPrefix"] = Texts(streams.Select(stream => $"{stream}/"));
        condition["matchesSuffix"] = Texts(VideoSuffixes);
        return Delete(condition);
    }

    /// <summary>Deletes loss records after some days.</summary>
    public static JsonObject Losses(int days) => Delete(new() { ["daysSinceCustomTime"] = days, ["matchesSuffix"] = Texts([LossSuffix]) });

    /// <summary>Whether a rule is of exactly the form that Crispy writes; every other rule is somebody else's.</summary>
    public static bool IsOurs(JsonNode? rule)
    {
        if (rule is not JsonObject { Count: 2 } whole || whole["action"] is not JsonObject { Count: 1 } action
            || Text(action["type"]) != "Delete") return false;
        if (whole["condition"] is not JsonObject condition || Number(condition["daysSinceCustomTime"]) is not (
            >= 1 and <= RetentionPeriod.MostDays)) return false;
        if (List(condition["matchesSuffix"]) is not { } suffixes) return false;
        var prefixes = condition.ContainsKey("matchesPrefix") ? List(condition["matchesPrefix"]) : [];
        if (prefixes is null || condition.Count != (condition.ContainsKey("matchesPrefix") ? 3 : 2)) return false;
        if (suffixes is [LossSuffix]) return !condition.ContainsKey("matchesPrefix");
        return suffixes.Count == VideoSuffixes.Length && suffixes.ToHashSet(StringComparer.Ordinal).SetEquals(VideoSuffixes)
            && prefixes.All(prefix => prefix.EndsWith('/') && StreamId.IsValid(prefix[..^1]))
                && (prefixes.Count > 0 || !condition.ContainsKey("matchesPrefix"));
    }

    /// <summary>Streams that rules of ours name, with their days.</summary>
    public static Dictionary<string, RetentionPeriod> NamedStreams(JsonArray rules)
    {
        var named = new Dictionary<string, RetentionPeriod>(StringComparer.Ordinal);
        foreach (var rule in rules.Where(IsOurs))
            foreach (var prefix in List(rule!["condition"]!["matchesPrefix"]) ?? [])
                named.TryAdd(prefix[..^1], new(Number(rule["condition"]!["daysSinceCustomTime"])));
        return named;
    }

    /// <summary>After how many days a bucket's rules delete the video of a stream; <see cref="RetentionPeriod.Forever"/> where they do
    /// not. Rules with
    /// conditions beside days and names, such as a storage class, are not counted.</summary>
    public static RetentionPeriod VideoOf(JsonArray rules, string stream) => Of(rules, $"{stream}/2000/01/01/00/x{VideoSuffixes[0]}");

    /// <summary>After how many days a bucket's rules delete an object of this name.</summary>
    public static RetentionPeriod Of(JsonArray rules, string name)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var shortest = RetentionPeriod.Forever;
        foreach (var rule in rules.OfType<JsonObject>())
            if (DaysOf(rule, name) is { } days && new RetentionPeriod(days) < shortest) shortest = new(days);
        return shortest;
    }

    /// <summary>Why Cloud Storage would not take these rules; null where it does.</summary>
    public static string? Excess(JsonArray rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Count > MostRules) return $"{rules.Count} rules, and a bucket has at most {MostRules}";
        var parts = rules.OfType<JsonObject>().Select(rule => rule["condition"] as JsonObject)
            .Sum(condition => (List(condition?["matchesPrefix"])?.Count ?? 0) + (List(condition?["matchesSuffix"])?.Count ?? 0));
        return parts > MostNameParts
            ? $"{parts} prefixes and suffixes in all rules together, and a bucket has at most {MostNameParts}" : null;
    }

    private static int? DaysOf(JsonObject rule, string name)
    {
        if (rule["action"] is not JsonObject action || Text(action["type"]) != "Delete"
            || rule["condition"] is not JsonObject condition) return null;
        if (condition.Any(pair => !Understood.Contains(pair.Key, StringComparer.Ordinal))) return null;
        int? days = (Number(condition["daysSinceCustomTime"]), Number(condition["age"])) switch { (null, var age) => age,
            (var custom, null) => custom, var (custom, age) => Math.Max(custom.Value, age.Value) };
        return days is not null && Fits(condition, "matchesPrefix", name.StartsWith) && Fits(condition, "matchesSuffix", name.EndsWith)
            ? days : null;
    }

    private static bool Fits(JsonObject condition, string key, Func<string, StringComparison, bool> fits) =>
        List(condition[key]) is not { Count: > 0 } parts || parts.Exists(part => fits(part, StringComparison.Ordinal));

    private static JsonObject Delete(JsonObject condition) =>
        new() { ["action"] = new JsonObject { ["type"] = "Delete" }, ["condition"] = condition };

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static List<string>? List(JsonNode? node) =>
        node is JsonArray array && array.All(item => Text(item) is not null) ? [.. array.Select(item => Text(item)!)] : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
