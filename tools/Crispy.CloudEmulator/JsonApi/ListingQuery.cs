using System.Text;
using System.Text.RegularExpressions;
using Crispy.CloudEmulator.Http;
using Crispy.CloudEmulator.Storing;

namespace Crispy.CloudEmulator.JsonApi;

/// <summary>What a listing is to hold.</summary>
/// <param name="Prefix">Names begin with it.</param>
/// <param name="Delimiter">Names are cut after its first place beyond the prefix; empty for none.</param>
/// <param name="WithTrailing">An object whose name ends where it is cut is listed beside its prefix.</param>
/// <param name="From">The least name.</param>
/// <param name="Before">Greater than every name.</param>
/// <param name="Pattern">Names match it.</param>
internal sealed record ListingQuery(string Prefix, string Delimiter, bool WithTrailing, string From, string Before, Regex? Pattern)
{
    public static ListingQuery Of(HttpRequest request)
    {
        var query = request.Query;
        var (prefix, start, end, glob) =
            (query["prefix"].ToString(), query["startOffset"].ToString(), query["endOffset"].ToString(), query["matchGlob"].ToString());
        return new(prefix, query["delimiter"].ToString(), query["includeTrailingDelimiter"] == "true",
            Encoding.UTF8.GetBytes(prefix).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(start)) > 0 ? prefix : start,
            end.Length > 0 ? end : ObjectStore.LastName,
            glob.Length > 0 ? Expression(glob) : null);
    }

    /// <summary>The name's beginning up to and with the delimiter; null where there is none beyond the prefix.</summary>
    public string? GroupOf(string name)
    {
        var cut = Delimiter.Length == 0 ? -1 : name.IndexOf(Delimiter, Prefix.Length, StringComparison.Ordinal);
        return cut < 0 ? null : name[..(cut + Delimiter.Length)];
    }

    /// <summary>
    /// A glob as Cloud Storage understands it: <c>*</c> and <c>?</c> stop at a slash, <c>**</c> does not. There are
    /// <c>[a-z]</c>, <c>{this,that}</c>, and a backslash before what is meant as it is.
    /// </summary>
    private static Regex Expression(string glob)
    {
        var pattern = new StringBuilder("^");
        var depth = 0;
        for (var i = 0; i < glob.Length; i++)
        {
            var closing = glob[i] == '[' ? glob.IndexOf(']', i + 1) : -1;
            pattern.Append(glob[i] switch
            {
                '*' when i + 1 < glob.Length && glob[i + 1] == '*' => Skip(ref i, i + 1, ".*"),
                '*' => "[^/]*",
                '?' => "[^/]",
                '\\' when i + 1 < glob.Length => Regex.Escape(glob[++i].ToString()),
                '[' when closing > 0 => Skip(ref i, closing, Class(glob[(i + 1)..closing])),
                '{' => Deeper(ref depth, +1, "(?:"),
                '}' when depth > 0 => Deeper(ref depth, -1, ")"),
                ',' when depth > 0 => "|",
                var c => Regex.Escape(c.ToString()),
            });
        }
        if (depth > 0) throw StorageException.Invalid($"Invalid value for matchGlob: '{glob}'");
        try
        {
            return new(pattern.Append("\\z").ToString(),
                RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
        }
        catch (ArgumentException)
        {
            throw StorageException.Invalid($"Invalid value for matchGlob: '{glob}'");
        }
    }

    private static string Class(string members)
    {
        var negated = members.StartsWith('!') || members.StartsWith('^');
        var escaped = (negated ? members[1..] : members).Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal);
        return negated ? $"[^{escaped}]" : $"[{escaped}]";
    }

    private static string Skip(ref int i, int to, string pattern)
    {
        i = to;
        return pattern;
    }

    private static string Deeper(ref int depth, int by, string pattern)
    {
        depth += by;
        return pattern;
    }
}
