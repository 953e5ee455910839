using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>What one of ffmpeg's lines tells of its source.</summary>
internal enum Complaint
{
    /// <summary>Nothing that matters to what is recorded.</summary>
    Harmless,

    /// <summary>Data near here is missing or corrupt; reading goes on.</summary>
    Damage,

    /// <summary>Some of the source will not be read.</summary>
    Missing,

    /// <summary>A connection broke or was refused. Whether anything is missing by it shows later.</summary>
    Connection,

    /// <summary>Nothing here knows it.</summary>
    Unknown,
}

/// <summary>ffmpeg's error lines, for people, and what they mean.</summary>
internal static partial class FfmpegErrors
{
    private static readonly string[] Permanent =
    [
        "No such file or directory", "Invalid data found when processing input", "Permission denied", "Is a directory",
        "does not contain any stream",
        "matches no streams", "moov atom not found", "Unknown encoder", "Unknown decoder", "404 Not Found", "403 Forbidden",
        "401 Unauthorized", "400 Bad Request", "410 Gone",
    ];

    // ENOSPC, EDQUOT, EROFS.
    private static readonly string[] Refusals = ["No space left on device", "Disk quota exceeded", "Read-only file system"];

    /// <summary>Words by which lines are told apart: they stay readable where an address holds one of them too.</summary>
    public static FrozenSet<string> Vocabulary { get; } =
        new[] { Damage(), Missing(), Resumption(), Connection(), Known(), Level() }.Select(pattern => pattern.ToString())
        .Concat(Permanent).Concat(Refusals).SelectMany(text => Word().Matches(text)).Select(word => word.Value)
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The most telling line, without ffmpeg's addresses and without secrets. An error counts before a warning, one that no retry
    /// can repair before another, and the last before an earlier one.</summary>
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
        return name.FirstOrDefault(prefix => telling.StartsWith(prefix, StringComparison.Ordinal)) is { } found
            ? $"{url}: {telling[found.Length..]}"
            : telling;
    }

    /// <summary><see cref="Summary"/>, which names the source once.</summary>
    public static string Named(SourceUrl url, string error)
    {
        var summary = Summary(url, error);
        return summary.Contains(url.Redacted, StringComparison.Ordinal) ? summary : $"{url}: {summary}";
    }

    /// <summary>Whether any of ffmpeg's lines is more than a warning, and not of its own obedience to a signal.</summary>
    public static bool HasError(string error) => Lines(SourceUrl.None, error)
        .Any(line => IsError(line) && !line.EndsWith("Immediate exit requested", StringComparison.Ordinal));

    /// <summary>One line, without ffmpeg's addresses and without secrets.</summary>
    public static string Clean(SourceUrl url, string line) => url.Redact(Origin().Replace(line, "")).Trim();

    /// <summary>Whether another try cannot help, for a source that is there or is not.</summary>
    public static bool IsPermanent(string error) => Permanent.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether output could not be written for a reason that passes: no room, or a disk that is read-only for now.</summary>
    public static bool IsRefusalOfDisk(string error) => Refusals.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a line tells of its source. Words of all releases from 5.1 to 9.</summary>
    /// <param name="url">The source.</param>
    /// <param name="line">One line, with its level, as <see cref="Clean"/> leaves it.</param>
    public static Complaint Classify(SourceUrl url, string line)
    {
        var text = WithoutLevel(line);
        if (text.Length == 0 || Known().IsMatch(text)) return Complaint.Harmless;
        if (Resumption().IsMatch(text)) return Complaint.Connection;
        if (Missing().IsMatch(text)) return Complaint.Missing;
        if (Connection().IsMatch(text)) return Complaint.Connection;
        if (Damage().IsMatch(text)) return Complaint.Damage;
        // What ffmpeg says of its input by name ended the reading (5.1): "http://camera/clip.ts: Input/output error".
        if (IsError(line)
            && (text.StartsWith($"{url}: ", StringComparison.Ordinal) || text.StartsWith($"file:{url}: ", StringComparison.Ordinal)
                || text.StartsWith("pipe:0: ", StringComparison.Ordinal)))
            return Complaint.Missing;
        // Without a level: the rest of a line before it.
        return Level().IsMatch(line) ? Complaint.Unknown : Complaint.Harmless;
    }

    /// <summary>A line without its level.</summary>
    public static string WithoutLevel(string line) => Level().Replace(line, "").Trim();

    private static IEnumerable<string> Lines(SourceUrl url, string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Clean(url, line))
            .Where(line => WithoutLevel(line).Length > 0 && !line.StartsWith("Last message repeated", StringComparison.Ordinal));

    // A line without a level is of a program that was asked for errors alone.
    private static bool IsError(string line) =>
        Level().Match(line) is not { Success: true } level || level.Groups[1].Value is "error" or "fatal" or "panic";

    // Words of the RTP and MPEG-TS readers, of ffmpeg itself, of the file readers, and of the decoders where video is decoded.
    [GeneratedRegex(@"missed \d+ packets|bad cseq|expired from playlists|Continuity check failed|PES packet size mismatch|Invalid level "
        + @"prefix|non-existing PPS|decode_slice_header|no frame!|sync byte|corrupt|concealing \d+|error while decoding|Error submitting "
        + @"packet|partial file|Truncating packet|File ended prematurely|Invalid NAL unit size|exceeds containing",
        RegexOptions.IgnoreCase)]
    private static partial Regex Damage();

    // The reading ended before the source did, or passed over a part of it.
    [GeneratedRegex(@"Failed to open segment \d+|Segment \d+ of playlist \d+ failed|Error when loading first segment|Failed to reload "
        + @"playlist|parse_playlist error|Error during demuxing|Error retrieving a packet from demuxer"
        + "|Input/output error|partial file|Read error|File ended prematurely|ended prematurely|duplicated MOOV|Failed to reconnect "
        + "at|moov atom not found|Truncating packet|Packet corrupt.*EOF|Impossible to open", RegexOptions.IgnoreCase)]
    private static partial Regex Missing();

    // The reason for which it is tried is part of the line.
    [GeneratedRegex("Stream ends prematurely|Will reconnect at", RegexOptions.IgnoreCase)]
    private static partial Regex Resumption();

    [GeneratedRegex(@"Unexpected offset: expected|Connection refused|Connection reset|Connection timed out|Broken pipe|End of file|Network "
        + @"is unreachable|No route to host|HTTP error \d+|Server returned \d+"
        + "|Failed to resolve hostname|Connection to .* failed|Connection attempt to .* failed|timed out", RegexOptions.IgnoreCase)]
    private static partial Regex Connection();

    // Said of sources that are read whole.
    [GeneratedRegex(@"Output file is empty, nothing was encoded|list sequence may have been wrapped|Immediate exit requested|keepalive "
        + @"request failed|Non-monoton(ous|ic) DTS|non monotonically increasing dts|Timestamps are unset in a packet|Last message "
        + @"repeated|max delay reached|RTP: PT=|jitter buffer full"
        + "|analyzeduration|Could not find codec parameters|Estimating duration from bitrate|not enough frames to estimate rate|deprecated "
        + "pixel format|Guessed Channel Layout|Media sequence change"
        + "|Discarding ID3 tags|start time .* is not set|Invalid DTS|Invalid timestamps|Thread message queue blocking|Changing video frame "
        + "properties|Codec AVOption|Auto-inserting|Starting second pass"
        + "|skipping discontinuity|DTS .* out of order|Unknown-sized element|No accelerated colorspace|Skip \\('#|Queue input is "
        + "backward|Trailing option|Could not update timestamps|pkt->duration = 0|Duration .* is invalid"
        + "|Application provided duration|is not implemented\\. Update your FFmpeg|sample_aspect_ratio|Edit list|edit "
        + "list|advanced_editlist", RegexOptions.IgnoreCase)]
    private static partial Regex Known();

    [GeneratedRegex("[A-Za-z]{3,}")]
    private static partial Regex Word();

    // "[rtsp @ 0x55d0] [error] method SETUP failed"
    [GeneratedRegex(@"\A\[(panic|fatal|error|warning|info|verbose|debug|trace)\]\s*")]
    private static partial Regex Level();

    [GeneratedRegex(@"\[[^\]]* @ 0x[0-9a-f]+\]\s*")]
    private static partial Regex Origin();
}
