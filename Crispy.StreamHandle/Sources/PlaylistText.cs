using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace Crispy.StreamHandle.Sources;

/// <summary>A text that makes ffmpeg open other files: what kind it is, by its content alone as ffmpeg looks, and what it names.</summary>
internal static partial class PlaylistText
{
    /// <summary>What of a file is looked at to tell its kind, in bytes.</summary>
    public const int HeadBytes = 64 << 10;

    /// <summary>Kinds of playlists; by their names ffmpeg's demuxers are allowed.</summary>
    public enum Kind
    {
        /// <summary>None: a file that opens no other.</summary>
        None,

        /// <summary>HLS (RFC 8216).</summary>
        Hls,

        /// <summary>ffmpeg's own ffconcat script.</summary>
        Concat,

        /// <summary>An MPEG-DASH manifest.</summary>
        Dash,

        /// <summary>Other descriptions of files or connections (SDP, IMF, VobSub); none is taken.</summary>
        Other,
    }

    /// <summary>Tells the kind by a file's first bytes. Takes rather more for a playlist than ffmpeg does.</summary>
    public static Kind KindOf(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\t', '\r', '\n', '\v', '\f', '\0');
        if (Starts(text, "#EXTM3U")) return Kind.Hls;
        if (Starts(text, "ffconcat")) return Kind.Concat;
        if (Starts(text, "# VobSub index file") || Starts(text, "v=0") || Starts(text, "RTSPtext") || Starts(text, "SMPTE-IMF"))
            return Kind.Other;
        // What is no text holds these by chance.
        if (text.Contains('\0', StringComparison.Ordinal) || !text.Contains('<', StringComparison.Ordinal)) return Kind.None;
        if (text.Contains("<MPD", StringComparison.OrdinalIgnoreCase)) return Kind.Dash;
        return text.Contains("<CompositionPlaylist", StringComparison.OrdinalIgnoreCase) ? Kind.Other : Kind.None;
    }

    /// <summary>All that a playlist names: files, addresses, keys, headers.</summary>
    /// <exception cref="FormatException">It cannot be read, so that nobody knows what it names.</exception>
    public static IEnumerable<string> References(Kind kind, string text) => kind switch
    {
        Kind.Hls => text.Split(['\n', '\r', '\0']).SelectMany(OfHls),
        Kind.Concat => text.Split(['\n', '\r', '\0']).SelectMany(OfConcat),
        Kind.Dash => OfDash(text),
        _ => [],
    };

    private static IEnumerable<string> OfHls(string line)
    {
        var trimmed = line.Trim();
        if (trimmed.Length == 0) return [];
        return trimmed[0] == '#' ? UriAttribute().Matches(trimmed).Select(match => match.Groups[1].Value.Trim('"')) : [trimmed];
    }

    // "file 'it'\''s.ts'": quotes and backslashes are taken away as av_get_token does.
    private static IEnumerable<string> OfConcat(string line)
    {
        var trimmed = line.TrimStart();
        if (!trimmed.StartsWith("file", StringComparison.Ordinal) || trimmed.Length < 6 || !char.IsWhiteSpace(trimmed[4])) yield break;
        var (name, quoted) = (new StringBuilder(), false);
        var rest = trimmed[4..].Trim();
        for (var at = 0; at < rest.Length; at++)
        {
            if (rest[at] == '\'') quoted = !quoted;
            else if (rest[at] == '\\' && !quoted && at + 1 < rest.Length) name.Append(rest[++at]);
            else if (char.IsWhiteSpace(rest[at]) && !quoted) break;
            else name.Append(rest[at]);
        }
        yield return name.ToString();
    }

    // Which attribute or text is an address depends on the version of the format: each that could be one is taken for one.
    private static List<string> OfDash(string text)
    {
        var found = new List<string>();
        try
        {
            using var reader =
                XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (reader.Read())
            {
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA) found.Add(reader.Value.Trim());
                if (reader.NodeType != XmlNodeType.Element) continue;
                while (reader.MoveToNextAttribute())
                {
                    if (!reader.Name.StartsWith("xmlns", StringComparison.Ordinal) && !IsWord(reader.LocalName))
                        found.Add(reader.Value.Trim());
                }
            }
        }
        catch (XmlException malformed)
        {
            throw new FormatException($"it is no XML: {malformed.Message}", malformed);
        }
        return found;
    }

    // Values that are URNs, or lists of words, and name no file.
    private static bool IsWord(string attribute) =>
        attribute is "schemaLocation" or "schemeIdUri" or "profiles" or "value" or "codecs" or "mimeType" or "lang"
        or "availabilityStartTime"
        or "publishTime" or "mediaPresentationDuration" or "minBufferTime" or "duration" or "start" or "frameRate" or "par" or "sar"
        or "default_KID" or "maxSegmentDuration"
        or "mediaRange" or "indexRange" or "range" or "availabilityEndTime" or "minimumUpdatePeriod" or "timeShiftBufferDepth"
        or "suggestedPresentationDelay";

    private static bool Starts(string text, string with) => text.StartsWith(with, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("""URI\s*=\s*("(?:\\.|[^"\\])*"?|[^,\s]*)""", RegexOptions.IgnoreCase)]
    private static partial Regex UriAttribute();
}
