using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crispy.CloudEmulator.Storing;

/// <summary>
/// From an object's name to the file that holds it. An ordinary name is its own path, slashes being folders. The rest, by segment:
/// <list type="bullet">
/// <item><c>%</c>, control characters and <c>\ : * ? " &lt; &gt; |</c> become <c>%XX</c> (upper-case hex of the character).
/// So does a last dot or space: no segment is ever <c>.</c> or <c>..</c>.</item>
/// <item>an empty segment (<c>a//b</c>, <c>a/</c>, <c>/a</c>) becomes <c>%</c>.</item>
/// <item>a segment of more than 240 bytes becomes its first 160, <c>%h</c> and the SHA-256 of the segment in hex.</item>
/// <item>where an object is named like a folder of another, the later one gets a mark: <c>%d</c> on a folder, <c>%f</c> on a file.</item>
/// </list>
/// No two names share a path, since a plain <c>%</c> never stays as it is. The ledger remembers the path; nothing decodes it.
/// </summary>
internal static class ObjectPath
{
    /// <summary>Follows a folder whose plain name belongs to an object.</summary>
    public const string FolderMark = "%d";

    /// <summary>Follows an object whose plain name belongs to a folder.</summary>
    public const string FileMark = "%f";

    private const int LongestSegment = 240;
    private const int LongestPrefix = 160;

    public static string[] Segments(string objectName) => [.. objectName.Split('/').Select(Escape)];

    private static string Escape(string segment)
    {
        if (segment.Length == 0) return "%";
        var escaped = new StringBuilder(segment.Length);
        for (var i = 0; i < segment.Length; i++)
        {
            if (IsAwkward(segment, i)) escaped.Append(CultureInfo.InvariantCulture, $"%{(int)segment[i]:X2}");
            else escaped.Append(segment[i]);
        }
        var path = escaped.ToString();
        if (Encoding.UTF8.GetByteCount(path) <= LongestSegment) return path;
        return $"{Shortened(path)}%h{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(segment)))}";
    }

    private static bool IsAwkward(string segment, int i)
    {
        var last = i == segment.Length - 1;
        return segment[i] switch
        {
            '%' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' => true,
            '.' or ' ' when last => true,
            var c => char.IsControl(c),
        };
    }

    private static string Shortened(string path)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in path.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > LongestPrefix) break;
            length += rune.Utf16SequenceLength;
        }
        return path[..length];
    }
}
