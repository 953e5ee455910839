using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>The address of a source. Its text form never holds the password: only <see cref="Secret"/> does.</summary>
public sealed partial class SourceUrl : IEquatable<SourceUrl>
{
    /// <summary>The address of a stream of which nothing is known but what lies in the spool.</summary>
    public static readonly SourceUrl None = new("", "none", "", hasPassword: false);

    private SourceUrl(string secret, string scheme, string redacted, bool hasPassword)
    {
        Secret = secret;
        Scheme = scheme;
        Redacted = redacted;
        HasCredentials = hasPassword;
    }

    /// <summary>The whole address, password included. Never printed, never on a command line.</summary>
    public string Secret { get; }

    /// <summary><c>rtsp</c>, <c>rtsps</c>, <c>http</c>, <c>https</c>, <c>file</c> or <c>demo</c>.</summary>
    public string Scheme { get; }

    /// <summary>The address with <c>***</c> for user, password and query values that look like a secret.</summary>
    public string Redacted { get; }

    /// <summary>Whether <see cref="Secret"/> holds something that <see cref="Redacted"/> hides.</summary>
    public bool HasCredentials { get; }

    /// <summary>The full path of a local file; null for other schemes.</summary>
    public string? FilePath => Scheme == "file" ? Secret : null;

    /// <inheritdoc />
    public override string ToString() => Redacted;

    /// <inheritdoc />
    public bool Equals(SourceUrl? other) => other is not null && other.Secret == Secret && other.Scheme == Scheme;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SourceUrl);

    /// <inheritdoc />
    public override int GetHashCode() => Secret.GetHashCode(StringComparison.Ordinal);

    /// <summary>Reads an address: a URL of a known scheme, or the path of a file.</summary>
    /// <exception cref="FormatException">Neither; the message holds no password.</exception>
    public static SourceUrl Parse(string text)
    {
        var scheme = SchemePattern().Match(text) is { Success: true } match ? match.Groups[1].Value.ToLowerInvariant() : null;
        return scheme switch
        {
            null => File(text),
            "file" => Uri.TryCreate(text, UriKind.Absolute, out var file) && file.IsFile ? File(file.LocalPath) : throw new FormatException($"'{text}' is not a file URL"),
            "demo" => new(text, scheme, text, hasPassword: false),
            "rtsp" or "rtsps" or "http" or "https" => Network(text, scheme),
            _ => throw new FormatException($"'{scheme}:' is none of rtsp:, rtsps:, http:, https:, file:, demo: or a path"),
        };
    }

    /// <summary>Removes this address's secrets from a text of another program: its error lines, for instance.</summary>
    public string Redact(string text)
    {
        if (!HasCredentials) return Redaction.Apply(text);
        text = text.Replace(Secret, Redacted, StringComparison.Ordinal);
        foreach (var part in SecretParts()) text = text.Replace(part, Redaction.Mask, StringComparison.Ordinal);
        return Redaction.Apply(text);
    }

    private static SourceUrl File(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal)) throw new FormatException("the path is empty");
        var full = Path.GetFullPath(path);
        return new(full, "file", full, hasPassword: false);
    }

    private static SourceUrl Network(string text, string scheme)
    {
        var userInfo = UserInfo(text);
        var open = userInfo is null ? text : text.Replace($"://{userInfo}@", "://", StringComparison.Ordinal);
        if (text.Any(char.IsControl) || !Uri.TryCreate(open, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new FormatException($"'{Redaction.Apply(text)}' is not a URL");
        var redacted = Redaction.ApplyToQuery(userInfo is null ? text : text.Replace($"://{userInfo}@", $"://{Redaction.Mask}@", StringComparison.Ordinal));
        return new(text, scheme, redacted, redacted != text);
    }

    // The last @ of the authority ends the user info, as ffmpeg reads it: unescaped ones may stand in a password.
    private static string? UserInfo(string url)
    {
        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = url.AsSpan(start).IndexOfAny("/?#");
        var authority = end < 0 ? url[start..] : url.Substring(start, end);
        var at = authority.LastIndexOf('@');
        return start < 2 || at < 0 ? null : authority[..at];
    }

    // Short pieces would blank out innocent text: 'user' itself is not a secret.
    private IEnumerable<string> SecretParts()
    {
        var userInfo = UserInfo(Secret);
        if (userInfo is null) yield break;
        yield return userInfo;
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) yield break;
        var password = userInfo[(colon + 1)..];
        if (password.Length < 3) yield break;
        yield return password;
        yield return Uri.UnescapeDataString(password);
    }

    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9+.\-]+):")]
    private static partial Regex SchemePattern();
}
