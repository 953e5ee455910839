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

    /// <summary>The last telling line, without ffmpeg's addresses and without secrets.</summary>
    public static string Summary(SourceUrl url, string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.LastOrDefault(line => Permanent.Any(text => line.Contains(text, StringComparison.OrdinalIgnoreCase))) ?? lines.LastOrDefault();
        return telling is null ? "ffmpeg gave no reason" : Clean(url, telling);
    }

    /// <summary>One line, without ffmpeg's addresses and without secrets.</summary>
    public static string Clean(SourceUrl url, string line) => url.Redact(Origin().Replace(line, "")).Trim();

    /// <summary>Whether another try cannot help, for a source that is there or is not.</summary>
    public static bool IsPermanent(string error) => Permanent.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether output could not be written for a reason that passes: no room, or a disk that is read-only for now.</summary>
    public static bool IsRefusalOfDisk(string error) => Refusals.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a line says that data of the source is missing or corrupt.</summary>
    public static bool TellsDamage(string line) => Damage().IsMatch(line);

    // Words of the RTP and MPEG-TS readers, of ffmpeg itself, of the file readers, and of the decoders where video is decoded.
    [GeneratedRegex(@"missed \d+ packets|bad cseq|corrupt|concealing \d+|error while decoding|Error submitting packet|partial file|Truncating packet|File ended prematurely|Invalid NAL unit size|exceeds containing", RegexOptions.IgnoreCase)]
    private static partial Regex Damage();

    [GeneratedRegex(@"\[[^\]]* @ 0x[0-9a-f]+\]\s*")]
    private static partial Regex Origin();
}
