using System.Globalization;
using System.Text.Json;
using Crispy.CloudEmulator.Http;

namespace Crispy.CloudEmulator.Storing;

/// <summary>A rule of a bucket's lifecycle, as far as it is carried out: deletions, by age, custom time and name.</summary>
internal sealed class LifecycleRule
{
    private const int MostRules = 100;
    private const int MostNameParts = 1000;

    private static readonly string[] Actions = ["Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"];

    private static readonly string[] Conditions =
    [
        "age", "createdBefore", "customTimeBefore", "daysSinceCustomTime", "daysSinceNoncurrentTime", "isLive", "matchesStorageClass",
            "matchesPrefix", "matchesSuffix",
        "noncurrentTimeBefore", "numNewerVersions",
    ];

    private readonly JsonElement _condition;

    private LifecycleRule(JsonElement condition, bool deletes) => (_condition, Deletes) = (condition, deletes);

    /// <summary>Whether its action is to delete.</summary>
    public bool Deletes { get; }

    /// <summary>The rules of a bucket's <c>lifecycle</c>.</summary>
    /// <exception cref="StorageException">400: the service would not take them.</exception>
    public static IReadOnlyList<LifecycleRule> Parse(JsonElement lifecycle)
    {
        if (lifecycle.ValueKind != JsonValueKind.Object) throw StorageException.Invalid("lifecycle must be an object");
        if (!lifecycle.TryGetProperty("rule", out var list)) return [];
        if (list.ValueKind != JsonValueKind.Array) throw StorageException.Invalid("lifecycle.rule must be a list");
        List<LifecycleRule> rules = [.. list.EnumerateArray().Select(Read)];
        if (rules.Count > MostRules) throw StorageException.Invalid(
            $"The lifecycle configuration has {rules.Count} rules; at most {MostRules} are allowed.");
        var parts = rules.Sum(rule => rule.Texts("matchesPrefix").Count + rule.Texts("matchesSuffix").Count);
        return parts <= MostNameParts ? rules
            : throw StorageException.Invalid(
                $"The lifecycle configuration has {parts} prefixes and suffixes; at most {MostNameParts} are allowed.");
    }

    /// <summary>Whether an object fits at an instant: every condition holds, and there is one.</summary>
    public bool Fits(StoredObject stored, DateTimeOffset now) =>
        _condition.EnumerateObject().Any() && _condition.EnumerateObject().All(condition => condition.Name switch
    {
        "age" => now - stored.Created >= TimeSpan.FromDays(condition.Value.GetInt32()),
        "daysSinceCustomTime" => stored.Attributes.CustomInstant is { } custom
            && now - custom >= TimeSpan.FromDays(condition.Value.GetInt32()),
        "isLive" => condition.Value.GetBoolean(),
        "matchesPrefix" => Texts(condition.Name).Exists(prefix => stored.Name.StartsWith(prefix, StringComparison.Ordinal)),
        "matchesSuffix" => Texts(condition.Name).Exists(suffix => stored.Name.EndsWith(suffix, StringComparison.Ordinal)),
        _ => false, // Too little is deleted, never too much.
    });

    private static LifecycleRule Read(JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("action", out var action)
            || action.ValueKind != JsonValueKind.Object
            || JsonBody.Text(action, "type") is not { } type || !Actions.Contains(type, StringComparer.Ordinal))
            throw StorageException.Invalid($"A lifecycle rule needs an action; its type is one of {string.Join(", ", Actions)}.");
        if (!rule.TryGetProperty("condition", out var condition)
            || condition.ValueKind != JsonValueKind.Object) throw StorageException.Invalid("A lifecycle rule needs a condition.");
        foreach (var each in condition.EnumerateObject()) Require(each);
        return new(condition.Clone(), type == "Delete");
    }

    private static void Require(JsonProperty condition)
    {
        if (!Conditions.Contains(condition.Name, StringComparer.Ordinal)) throw StorageException.Invalid(
            $"'{condition.Name}' is no condition of a lifecycle rule.");
        var isRight = condition.Name switch
        {
            "isLive" => condition.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "createdBefore" or "customTimeBefore" or "noncurrentTimeBefore" =>
                condition.Value.ValueKind == JsonValueKind.String && DateOf(condition.Value.GetString()) is not null,
            "matchesPrefix" or "matchesSuffix" or "matchesStorageClass" => condition.Value.ValueKind == JsonValueKind.Array
                && condition.Value.GetArrayLength() > 0 && condition.Value.EnumerateArray()
                    .All(item => item.ValueKind == JsonValueKind.String),
            _ => condition.Value.ValueKind == JsonValueKind.Number && condition.Value.TryGetInt32(out var number) && number >= 0,
        };
        if (!isRight) throw StorageException.Invalid($"Invalid value for the lifecycle condition {condition.Name}.");
    }

    private List<string> Texts(string name) => _condition.TryGetProperty(name, out var list)
        ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static DateTimeOffset? DateOf(string? text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date : null;
}
