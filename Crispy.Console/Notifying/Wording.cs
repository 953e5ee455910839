using System.Text;

namespace Crispy.Console.Notifying;

/// <summary>Words of notices.</summary>
internal static class Wording
{
    /// <summary>How many cameras a notice lists by their ids.</summary>
    public const int MostCameras = 100;

    // The shortest limit of well-known receivers is PagerDuty's, 1024.
    private const int LongestText = 900;
    private const int NamesShown = 3;

    /// <summary>The first few names, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesShown))
            + (names.Count > NamesShown ? FormattableString.Invariant($" and {names.Count - NamesShown} more") : "");

    /// <summary>How long something lasted.</summary>
    public static string Lasted(DateTimeOffset since, DateTimeOffset now) => Condition.Span(now > since ? now - since : TimeSpan.Zero);

    /// <summary>A text that steers neither a terminal nor a chat: names and errors are anybody's, and Slack reads <c>&lt;!channel&gt;</c>
    /// as a
    /// call to everybody.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(Math.Min(text.Length, LongestText + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length + rune.Utf16SequenceLength > LongestText) return plain.Append('…').ToString();
            if (Rune.IsControl(rune)) plain.Append(' ');
            // Marks that turn the direction of what follows are left out.
            else if (rune.Value is (< 0x202A or > 0x202E) and (< 0x2066 or > 0x2069))
                plain.Append(rune.Value switch { '<' => "‹", '>' => "›", _ => rune.ToString() });
        }
        return plain.ToString();
    }
}
