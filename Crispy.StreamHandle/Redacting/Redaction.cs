using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Redacting;

/// <summary>Hides secrets in texts that people read: logs, the API, error messages, ffmpeg's own lines. Of the address of a network source
/// its scheme, host and port are shown, and a path of well-known names (<see cref="HarmlessPath"/>). Every other part is a
/// secret.</summary>
public static partial class Redaction
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>Mistakes of the configuration, with secrets hidden.</summary>
    internal static readonly SettingsWording InSettings = new() { Hide = Apply };

    /// <summary>Hides the secret parts of every network address in a text.</summary>
    /// <remarks>Where an address ends cannot be told for sure: rather too much is hidden than too little.</remarks>
    public static string Apply(string text) => EscapedAddress().Replace(AddressInText().Replace(text, Masked), "$1" + Mask);

    /// <summary>What may be shown of something that was given as the address of a source, whether it is one or not. A path may be shown
    /// whole. Of what has a scheme, what is harmless may be shown.</summary>
    public static string ApplyToGiven(string text)
    {
        if (Scheme().Match(text) is not { Success: true } scheme || scheme.Value.ToLowerInvariant() is "file:" or "demo:")
            return Apply(text);
        var masked = AddressInText().Match(text) is { Success: true, Index: 0 } whole && whole.Length == text.Length ? Apply(text) : null;
        return masked ?? (scheme.Value.ToLowerInvariant() is "rtsp:" or "rtsps:" or "http:" or "https:" ? scheme.Value + Mask : Mask);
    }

    /// <summary>Hides the secret parts of one network address.</summary>
    /// <param name="address">All of it: <c>scheme://...</c>.</param>
    /// <returns>The scheme alone, with <see cref="Mask"/>, where the host cannot be told for sure.</returns>
    internal static string MaskAddress(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var (scheme, rest) = (address[..start], address[start..]);
        var end = rest.IndexOfAny(['/', '?', '#']);
        var (authority, tail) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        var at = authority.LastIndexOf('@');
        // An @ further on may end a password that holds a slash, a question mark or a hash: what stands before it is then no host.
        if (at < 0 && tail.Contains('@', StringComparison.Ordinal)) return scheme + Mask;
        var host = authority[(at + 1)..];
        if (!Host().IsMatch(host)) return scheme + Mask;
        return $"{scheme}{(at < 0 ? "" : Mask + "@")}{host}{MaskTail(tail)}";
    }

    // Path, query and fragment, each of them shown or hidden as a whole.
    private static string MaskTail(string tail)
    {
        var hash = tail.IndexOf('#', StringComparison.Ordinal);
        var (front, fragment) = hash < 0 ? (tail, "") : (tail[..hash], "#" + Mask);
        var question = front.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (front, "") : (front[..question], "?" + Mask);
        return (HarmlessPath.Is(path) ? path : "/" + Mask) + query + fragment;
    }

    private static string Masked(Match match)
    {
        var (scheme, address) = (match.Groups["scheme"].Value, match.Groups["address"].Value);
        if (scheme.Equals("file", StringComparison.OrdinalIgnoreCase)) return match.Value;
        // Quotes and punctuation at the end belong to the sentence.
        var whole = address.TrimEnd('\'', '"', '`', ',', ';', ':', '.', '!', ')', ']', '}', '>');
        if (whole.Contains('[', StringComparison.Ordinal) && !whole.Contains(']', StringComparison.Ordinal))
            whole = address[..(address.IndexOf(']', StringComparison.Ordinal) + 1)];
        return whole.Length == 0 ? match.Value : MaskAddress($"{scheme}://{whole}") + address[whole.Length..];
    }

    [GeneratedRegex(@"(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?<address>\S*)")]
    private static partial Regex AddressInText();

    // "rtsp%3A%2F%2F...", as a part of another address.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*%3A%2F%2F)\S+", RegexOptions.IgnoreCase)]
    private static partial Regex EscapedAddress();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])(?::[0-9]{0,5})?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.\-]+:")]
    private static partial Regex Scheme();
}
