using System.Text;
using System.Text.RegularExpressions;
using Crispy.Contracts;
using Crispy.StreamHandle.Redacting;

namespace Crispy.StreamHandle.Sources;

/// <summary>The address of a source. Its text form holds nothing that may be a secret: only <see cref="Secret"/> does.</summary>
public sealed partial class SourceUrl : IEquatable<SourceUrl>
{
    /// <summary>The address of a stream that is known only by what lies in the spool.</summary>
    public static readonly SourceUrl None = new("", "none", "");

    /// <summary>Bytes of an address at most, in UTF-8.</summary>
    public const int MaxBytes = 2048;

    private readonly SecretParts? _parts;

    private SourceUrl(string secret, string scheme, string redacted, SecretParts? parts = null)
    {
        Secret = secret;
        Scheme = scheme;
        Redacted = redacted;
        _parts = parts;
    }

    /// <summary>The whole address. That of a network source is never printed and never on a command line.</summary>
    public string Secret { get; }

    /// <summary><c>rtsp</c>, <c>rtsps</c>, <c>http</c>, <c>https</c>, <c>file</c> or <c>demo</c>.</summary>
    public string Scheme { get; }

    /// <summary>The address with <c>***</c> for every part that is not known to be harmless (<see cref="Redaction"/>).</summary>
    public string Redacted { get; }

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
    /// <exception cref="FormatException">Neither, or it is too long; the message repeats nothing of a network address.</exception>
    public static SourceUrl Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes) throw new FormatException($"it is longer than {MaxBytes} bytes");
        var scheme = SchemePattern().Match(text) is { Success: true } match ? match.Groups[1].Value.ToLowerInvariant() : null;
        return scheme switch
        {
            null => SourceAddress.Mistake(text, System.IO.File.Exists) is { } mistake ? throw new FormatException(mistake) : File(text),
            "file" => Uri.TryCreate(text, UriKind.Absolute, out var file) && file.IsFile
                ? File(file.LocalPath)
                : throw new FormatException($"'{text}' is not a file URL"),
            "demo" => new(text, scheme, Redaction.Apply(text)),
            "rtsp" or "rtsps" or "http" or "https" => Network(text, scheme),
            _ => throw new FormatException(SourceAddress.Mistake(text, System.IO.File.Exists)
                ?? "its scheme is none of rtsp:, rtsps:, http:, https:, file:, demo:, and it is no path"),
        };
    }

    /// <summary>Removes this address and its parts from a text of another program: its error lines, for instance.</summary>
    public string Redact(string text)
    {
        if (_parts is null) return Redaction.Apply(text);
        text = text.Replace(Secret, Redacted, StringComparison.OrdinalIgnoreCase);
        // What is shown of an address is kept out of the way of the search for its parts.
        return string.Join(Redacted, text.Split(Redacted).Select(between => Redaction.Apply(_parts.Hide(Redaction.Apply(between)))));
    }

    private static SourceUrl File(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            throw new FormatException("the path is empty");
        var full = Path.GetFullPath(path);
        return new(full, "file", full);
    }

    private static SourceUrl Network(string text, string scheme)
    {
        // As it is shown where its host cannot be told.
        if (text.EndsWith($"://{Redaction.Mask}", StringComparison.Ordinal) && text.Length == scheme.Length + 3 + Redaction.Mask.Length)
            return new(text, scheme, text);
        var userInfo = UserInfo(text);
        var open = userInfo is null ? text : text.Replace($"://{userInfo}@", "://", StringComparison.Ordinal);
        if (text.Any(char.IsControl) || !Uri.TryCreate(open, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new FormatException($"it is no {scheme}: URL");
        return new(text, scheme, Redaction.MaskAddress(text), new(text, FfmpegErrors.Vocabulary));
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

    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9+.\-]+):")]
    private static partial Regex SchemePattern();
}
