using System.Text.Json.Nodes;

namespace Crispy.Contracts;

/// <summary>What setting a bucket's rules changes. Rules that are not ours stay as they are, in their order.</summary>
public sealed record LifecycleChange
{
    /// <summary>All rules, as they must be.</summary>
    public required JsonArray Rules { get; init; }

    /// <summary>Rules of ours that go.</summary>
    public required IReadOnlyList<JsonObject> Removed { get; init; }

    /// <summary>Rules of ours that come.</summary>
    public required IReadOnlyList<JsonObject> Added { get; init; }

    /// <summary>Rules of ours that stay.</summary>
    public required IReadOnlyList<JsonObject> Kept { get; init; }

    /// <summary>Rules of others.</summary>
    public required IReadOnlyList<JsonNode> Foreign { get; init; }

    /// <summary>Whether anything changes.</summary>
    public bool IsAny => Removed.Count + Added.Count > 0;

    /// <summary>Compares what a bucket has with what it is to have.</summary>
    /// <param name="present">The bucket's rules.</param>
    /// <param name="ours">What Crispy's rules must be.</param>
    public static LifecycleChange Of(JsonArray present, IReadOnlyList<JsonObject> ours)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(ours);
        var (foreign, before) = (present.Where(rule => rule is not null && !LifecycleRules.IsOurs(rule)).Select(rule => rule!).ToList(),
            present.Where(LifecycleRules.IsOurs).Select(rule => rule!.AsObject()).ToList());
        var (had, wants) = (before.Select(Canonical).ToHashSet(StringComparer.Ordinal),
            ours.Select(Canonical).ToHashSet(StringComparer.Ordinal));
        return new()
        {
            Rules = [.. foreign.Select(rule => rule.DeepClone()), .. ours.Select(rule => rule.DeepClone())],
            Removed = before.FindAll(rule => !wants.Contains(Canonical(rule))),
            Added = [.. ours.Where(rule => !had.Contains(Canonical(rule)))],
            Kept = before.FindAll(rule => wants.Contains(Canonical(rule))),
            Foreign = foreign,
        };
    }

    // The bucket tells keys and lists in an order of its own.
    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject whole => $"{{{string.Join(',', whole.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(Member))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Canonical).Order(StringComparer.Ordinal))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private static string Member(KeyValuePair<string, JsonNode?> pair) => $"\"{pair.Key}\":{Canonical(pair.Value)}";
}
