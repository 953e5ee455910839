using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Redacting;

/// <summary>The pieces of a network address that must not show up in the texts of other programs. These repeat addresses whole, in part,
/// and with their escapes resolved.</summary>
internal sealed partial class SecretParts
{
    /// <summary>Shorter pieces would blank out innocent text.</summary>
    private const int Shortest = 4;

    private const int ShortestPassword = 3;

    private readonly List<string> _anywhere;
    private readonly Regex? _words;

    /// <param name="address">The whole address: <c>scheme://...</c>.</param>
    /// <param name="vocabulary">Words that stay readable, since texts are told apart by them.</param>
    public SecretParts(string address, FrozenSet<string> vocabulary)
    {
        var rest = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var (authority, tail) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        var at = authority.LastIndexOf('@');
        var userInfo = at >= 0 ? authority[..at] : tail.Contains('@', StringComparison.Ordinal) ? rest[..rest.LastIndexOf('@')] : "";
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        string[] credentials = [userInfo, colon < 0 ? "" : userInfo[(colon + 1)..]];
        string[] pieces = [tail, .. tail.Split('#'), .. tail.Split('/', '?', '#', '&', ';', '='), .. tail.Split('/', '?', '#', '&', ';')];
        _anywhere = [.. Forms([address, .. credentials]).Where(part => part.Length >= ShortestPassword),
            .. Forms(pieces).Where(part => part.Length >= Shortest && !HarmlessPath.Is(part) && !IsWord(part))];
        _anywhere.Sort((one, other) => other.Length.CompareTo(one.Length));
        var words = Forms([tail, userInfo]).SelectMany(form => Word().Matches(form)).Select(word => word.Value)
            .Where(word => word.Length >= Shortest && !HarmlessPath.IsSegment(word) && !vocabulary.Contains(word))
            .Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(word => word.Length).ToList();
        if (words.Count == 0) return;
        _words = new($"(?<![A-Za-z0-9])(?:{string.Join('|', words)})(?![A-Za-z0-9])",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    /// <summary>Hides them.</summary>
    public string Hide(string text)
    {
        foreach (var part in _anywhere) text = text.Replace(part, Redaction.Mask, StringComparison.OrdinalIgnoreCase);
        return _words?.Replace(text, Redaction.Mask) ?? text;
    }

    // One word is hidden where it stands alone: within others it may be anything.
    private static bool IsWord(string part) => Word().Match(part).Length == part.Length;

    // As it stands, with its escapes resolved once and twice, and escaped.
    private static IEnumerable<string> Forms(IEnumerable<string> parts) => parts.SelectMany(part =>
    {
        var plain = Uri.UnescapeDataString(part);
        return new[]
        {
            part, plain, Uri.UnescapeDataString(plain), plain.Replace('+', ' '), Uri.EscapeDataString(plain), Uri.EscapeDataString(part),
        };
    }).Where(part => part.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Word();
}
