using System.Text.RegularExpressions;

namespace Crispy.Contracts;

/// <summary>The rule for stream ids: 1 to 63 characters of a-z, 0-9 and single inner hyphens. Such an id is a safe folder, queue routing
/// key, Redis key and object name prefix.</summary>
public static partial class StreamId
{
    /// <summary>Longest allowed id, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>What an id is.</summary>
    public const string Rule = "must be 1 to 63 characters of a-z, 0-9 and single inner hyphens";

    /// <summary>Whether a text is a stream id.</summary>
    public static bool IsValid(string? text) => text is { Length: > 0 and <= MaxLength } && Pattern().IsMatch(text);

    /// <summary>The id itself.</summary>
    /// <exception cref="FormatException">It is not a stream id.</exception>
    public static string Require(string? text) => IsValid(text)
        ? text!
        : throw new FormatException($"'{text}' is not a stream id: 1 to {MaxLength} characters of a-z, 0-9 and single inner hyphens");

    [GeneratedRegex(@"\A[a-z0-9](-?[a-z0-9])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
