using System.Net;
using System.Text.RegularExpressions;

namespace Crispy.Contracts;

/// <summary>What people type as the address of a source, looked at before anything is opened. No message repeats a part that may be a
/// secret.</summary>
public static partial class SourceAddress
{
    private static readonly string[] Schemes = ["rtsp", "rtsps", "http", "https", "file"];

    // A name with a dot may be a file's: these end no host's name.
    private static readonly string[] FileEndings =
        ["mp4", "m4v", "mkv", "mov", "avi", "ts", "m2ts", "mts", "mpg", "mpeg", "webm", "flv", "wmv", "asf", "3gp", "h264", "264", "h265",
            "265", "hevc", "mjpeg", "mjpg", "m3u8", "mpd", "ogv", "mxf", "y4m", "txt", "json"];

    /// <summary>What is wrong with it by its looks; null where it may be the address of a source, or a file.</summary>
    /// <param name="text">As it was typed.</param>
    /// <param name="isFile">Whether there is such a file: then it is one, no matter what it looks like.</param>
    public static string? Mistake(string text, Func<string, bool> isFile)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(isFile);
        if (text.StartsWith("demo:", StringComparison.OrdinalIgnoreCase)) return null;
        if (SchemeOf(text) is { } scheme)
            return Schemes.Contains(scheme, StringComparer.OrdinalIgnoreCase) ? null
                : $"its scheme is none of rtsp:, rtsps:, http:, https:, file:, demo:, and it is no "
                + $"path{(NearestWord.Of(scheme, Schemes) is { } meant ? $"; did you mean {meant}://?" : "")}";
        return LooksLikeHost(text) && !isFile(text)
            ? "it has no scheme: a camera's address begins with rtsp://, as in rtsp://USER:PASSWORD@HOST/PATH (docs/cameras.md has the "
            + "paths of common makers)"
            : null;
    }

    private static string? SchemeOf(string text) => Scheme().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    // 192.168.1.20, [fe80::1]:554/live, user:password@camera, camera.local/stream, camera:554; and no path.
    private static bool LooksLikeHost(string text)
    {
        if (text.Length == 0 || text[0] is '/' or '\\' or '.' or '~' || text.Any(char.IsWhiteSpace)) return false;
        var authority = text.Split('/', 2)[0];
        var at = authority.LastIndexOf('@');
        var host = authority[(at + 1)..];
        if (at > 0 && host.Length > 0) return true;
        if (Bracketed().IsMatch(host) || (host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out _))) return true;
        if (Port().Match(host) is { Success: true } port) return Name().IsMatch(port.Groups[1].Value);
        if (FourNumbers().IsMatch(host)) return true;
        return Name().IsMatch(host) && host.Contains('.', StringComparison.Ordinal) && host.Split('.')[^1] is var last && last.Length >= 2
            && last.All(char.IsAsciiLetter)
            && !FileEndings.Contains(last, StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9+.\-]*)://")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"\A\[[0-9A-Fa-f:.%a-z]+\](:\d{1,5})?\z")]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"\A([^:]+):\d{1,5}\z")]
    private static partial Regex Port();

    [GeneratedRegex(@"\A\d{1,3}(\.\d{1,3}){3}\z")]
    private static partial Regex FourNumbers();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?\z")]
    private static partial Regex Name();
}
