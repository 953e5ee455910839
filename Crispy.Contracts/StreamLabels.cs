using System.Text.RegularExpressions;

namespace Crispy.Contracts;

/// <summary>The rules for how people sort streams: one group, such as <c>Building A/Gate</c>, and some tags,
/// which are short words.</summary>
public static partial class StreamLabels
{
    /// <summary>Characters of a group at most, slashes included.</summary>
    public const int MaxGroup = 100;

    /// <summary>Levels of a group at most.</summary>
    public const int MaxLevels = 5;

    /// <summary>Characters of a tag at most.</summary>
    public const int MaxTag = 32;

    /// <summary>Tags of a stream at most.</summary>
    public const int MaxTags = 16;

    /// <summary>What a group must be.</summary>
    public const string GroupRule = "must be 1 to 100 characters, none of them a control character, in at most 5 levels (Building A/Gate). "
        + "Each level needs a name with no blank at either end";

    /// <summary>What tags must be.</summary>
    public const string TagsRule =
        "must be at most 16 words of 1 to 32 letters, digits, dots, hyphens and underscores, each beginning with a letter or a digit";

    private static readonly char[] Separators = [',', ';', '|', ' ', '\t', '\r', '\n'];

    /// <summary>Whether a text can be a group.</summary>
    public static bool IsGroup(string? text) => text is not null && Group().IsMatch(text)
        && text.Split('/') is { Length: <= MaxLevels } levels
        && Array.TrueForAll(levels, level => level.Length > 0 && level == level.Trim());

    /// <summary>Whether a text can be a tag.</summary>
    public static bool IsTag(string? text) => text is not null && Tag().IsMatch(text);

    /// <summary>Tags as a set, in the order in which they were given: words that differ by case alone are one.</summary>
    public static IReadOnlyList<string> AsSet(IEnumerable<string> tags) => [.. tags.Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The words of a text, such as <c>gate, outdoor</c>.</summary>
    public static IReadOnlyList<string> Words(string? text) =>
        AsSet((text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Whether a group is another one, or lies in it: <c>Building A/Gate</c> lies in <c>building a</c>.</summary>
    /// <param name="group">The group; null for a stream without one.</param>
    /// <param name="other">The other one.</param>
    public static bool IsIn(string? group, string other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return group is not null && group.StartsWith(other, StringComparison.OrdinalIgnoreCase)
            && (group.Length == other.Length || group[other.Length] == '/');
    }

    [GeneratedRegex(@"\A\P{C}{1,100}\z")]
    private static partial Regex Group();

    [GeneratedRegex(@"\A[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31}\z")]
    private static partial Regex Tag();
}
