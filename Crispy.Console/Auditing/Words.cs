namespace Crispy.Console.Auditing;

/// <summary>Texts that others wrote, as they may stand in the audit log and in the process's own.</summary>
internal static class Words
{
    private const int Longest = 200;
    private const string Mask = "***";

    /// <summary>Without control characters, and not longer than 200 characters.</summary>
    public static string Short(string text)
    {
        var plain = string.Concat(text.Take(Longest).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
        return text.Length > Longest ? plain + "…" : plain;
    }

    /// <summary>What may be told of a source's address. Of one with a scheme, that is the scheme, and the host where it can be told for
    /// sure. Of a file, it is the whole path. Less than stream-handle shows, never more.</summary>
    public static string Address(string text)
    {
        var given = text.Trim();
        var start = given.IndexOf("://", StringComparison.Ordinal);
        if (given.StartsWith("demo:", StringComparison.OrdinalIgnoreCase)) return Short(given);
        if (start < 0) return given.Contains('@', StringComparison.Ordinal)
            || given.Contains("%3A", StringComparison.OrdinalIgnoreCase) ? Mask : Short(given);
        var (scheme, rest) = (given[..(start + 3)], given[(start + 3)..]);
        if (scheme.Equals("file://", StringComparison.OrdinalIgnoreCase)) return Short(given);
        if (!Uri.CheckSchemeName(scheme[..^3])) return Mask;
        var end = rest.IndexOfAny(['/', '?', '#', '\\']);
        var (authority, tail) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        // An @ further on may end a password that holds a slash: what stands before it is then no host.
        if (tail.Contains('@', StringComparison.Ordinal)) return Short(scheme) + Mask;
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        return host.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or ':' or '[' or ']')
            ? Short($"{scheme}{(host.Length < authority.Length ? Mask + "@" : "")}{host}{(tail.Length > 0 ? "/" + Mask : "")}")
            : Short(scheme) + Mask;
    }
}
