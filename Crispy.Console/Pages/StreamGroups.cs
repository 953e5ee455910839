namespace Crispy.Console.Pages;

/// <summary>Some things of one group.</summary>
/// <param name="Name">The group; null for those without one.</param>
/// <param name="Title">Its heading; null where there are no groups at all.</param>
/// <param name="Items">Those in it, in the order in which they were.</param>
/// <param name="Bad">How many of them are in trouble.</param>
/// <param name="Warning">How many need a look.</param>
internal sealed record StreamGroup<T>(string? Name, string? Title, IReadOnlyList<T> Items, int Bad, int Warning);

/// <summary>Puts streams into their groups, trouble first.</summary>
internal static class StreamGroups
{
    /// <summary>The groups: those with the worst first, by name among their like, and at the end those without one.</summary>
    /// <param name="items">The streams.</param>
    /// <param name="group">The group of one; null for none.</param>
    /// <param name="level">How one is.</param>
    public static IReadOnlyList<StreamGroup<T>> Of<T>(IReadOnlyCollection<T> items, Func<T, string?> group, Func<T, Level> level)
    {
        var hasGroups = items.Any(item => group(item) is not null);
        return
        [
            .. items.GroupBy(item => group(item) ?? "", StringComparer.OrdinalIgnoreCase)
                .Select(each => Make(each.Key.Length == 0 ? null : each.Key, hasGroups, [.. each], level))
                .OrderBy(each => each.Bad > 0 ? 0 : each.Warning > 0 ? 1 : 2)
                .ThenBy(each => each.Name is null)
                .ThenBy(each => each.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private static StreamGroup<T> Make<T>(string? name, bool hasGroups, List<T> items, Func<T, Level> level) =>
        new(name, hasGroups ? name ?? "Without a group" : null, items, items.Count(item => level(item) == Level.Bad),
            items.Count(item => level(item) == Level.Warning));
}
