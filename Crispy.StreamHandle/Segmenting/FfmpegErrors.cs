using System.Text.RegularExpressions;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>ffmpeg's error lines, for people, and what they mean.</summary>
internal static partial class FfmpegErrors
{
    private static readonly string[] Permanent =
    [
        "No such file or directory", "Invalid data found when processing input", "Permission denied", "Is a directory", "does not contain any stream",
        "matches no streams", "moov atom not found", "Unknown encoder", "Unknown decoder", "404 Not Found", "403 Forbidden", "401 Unauthorized", "400 Bad Request", "410 Gone",
    ];

    // ENOSPC, EDQUOT, EROFS.
    private static readonly string[] Refusals = ["No space left on device", "Disk quota exceeded", "Read-only file system"];

    /// <summary>The most telling line, without ffmpeg's addresses and without secrets: an error rather than a warning, one that no further try can mend rather than another, the last rather than an earlier one.</summary>
    /// <param name="url">The source, whose address stands in place of what ffmpeg calls it.</param>
    /// <param name="error">ffmpeg's lines, with their levels (<c>-loglevel +level+...</c>) or all of them errors.</param>
    public static string Summary(SourceUrl url, string error)
    {
        var lines = Lines(url, error).ToList();
        var errors = lines.Where(line => IsError(line) && !line.EndsWith("Conversion failed!", StringComparison.Ordinal)).ToList();
        if (errors.Count == 0) errors = lines;
        if ((errors.LastOrDefault(IsPermanent) ?? errors.LastOrDefault()) is not { } telling) return "ffmpeg gave no reason";
        telling = Level().Replace(telling, "");
        var name = (string[])["pipe:0: ", $"file:{url}: "];
        return name.FirstOrDefault(prefix => telling.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? $"{url}: {telling[found.Length..]}" : telling;
    }

    /// <summary><see cref="Summary"/>, which names the source once.</summary>
    public static string Named(SourceUrl url, string error)
    {
        var summary = Summary(url, error);
        return summary.Contains(url.Redacted, StringComparison.Ordinal) ? summary : $"{url}: {summary}";
    }

    /// <summary>Whether any of ffmpeg's lines is more than a warning.</summary>
    public static bool HasError(string error) => Lines(SourceUrl.None, error).Any(IsError);

    /// <summary>One line, without ffmpeg's addresses and without secrets.</summary>
    public static string Clean(SourceUrl url, string line) => url.Redact(Origin().Replace(line, "")).Trim();

    /// <summary>Whether another try cannot help, for a source that is there or is not.</summary>
    public static bool IsPermanent(string error) => Permanent.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether output could not be written for a reason that passes: no room, or a disk that is read-only for now.</summary>
    public static bool IsRefusalOfDisk(string error) => Refusals.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a line says that data of the source is missing or corrupt.</summary>
    public static bool TellsDamage(string line) => Damage().IsMatch(line);

    private static IEnumerable<string> Lines(SourceUrl url, string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Clean(url, line))
            .Where(line => line.Length > 0 && !line.StartsWith("Last message repeated", StringComparison.Ordinal));

    // A line without a level is of a program that was asked for errors alone.
    private static bool IsError(string line) => Level().Match(line) is not { Success: true } level || level.Groups[1].Value is "error" or "fatal" or "panic";

    // Words of the RTP and MPEG-TS readers, of ffmpeg itself, of the file readers, and of the decoders where video is decoded.
    [GeneratedRegex(@"missed \d+ packets|bad cseq|corrupt|concealing \d+|error while decoding|Error submitting packet|partial file|Truncating packet|File ended prematurely|Invalid NAL unit size|exceeds containing", RegexOptions.IgnoreCase)]
    private static partial Regex Damage();

    // "[rtsp @ 0x55d0] [error] method SETUP failed"
    [GeneratedRegex(@"\A\[(panic|fatal|error|warning|info|verbose|debug|trace)\]\s*")]
    private static partial Regex Level();

    [GeneratedRegex(@"\[[^\]]* @ 0x[0-9a-f]+\]\s*")]
    private static partial Regex Origin();
}
