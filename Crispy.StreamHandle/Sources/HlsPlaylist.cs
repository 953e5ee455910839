using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>What of an HLS playlist (RFC 8216) tells whether all of it was recorded.</summary>
internal sealed partial record HlsPlaylist
{
    /// <summary>Media segments, in order; none in a master playlist.</summary>
    public IReadOnlyList<HlsSegment> Segments { get; private init; } = [];

    /// <summary>Variants of a master playlist, in order.</summary>
    public IReadOnlyList<HlsVariant> Variants { get; private init; } = [];

    /// <summary>Where the playlists lie that a master playlist names: of variants and of renditions.</summary>
    public IReadOnlyList<Uri> Playlists { get; private init; } = [];

    /// <summary>Names of the audio renditions that are marked as default.</summary>
    public IReadOnlyList<string> DefaultSounds { get; private init; } = [];

    /// <summary>Number of the first segment.</summary>
    public long MediaSequence { get; private init; }

    /// <summary>No segment is longer.</summary>
    public TimeSpan TargetDuration { get; private init; }

    /// <summary>Whether no segment will follow.</summary>
    public bool IsFinished { get; private init; }

    /// <summary>All segments together.</summary>
    public TimeSpan Length => Segments.Aggregate(TimeSpan.Zero, (sum, segment) => sum + segment.Duration);

    /// <summary>Whether segments have headers of their own that differ: ffmpeg reads the first alone.</summary>
    public bool ChangesMap => Segments.Select(segment => segment.Map).Distinct().Skip(1).Any();

    /// <summary>Where the segments begin that have the last one's header.</summary>
    public int LastMapStart
    {
        get
        {
            var start = Segments.Count;
            while (start > 0 && Segments[start - 1].Map == Segments[^1].Map) start--;
            return start;
        }
    }

    /// <summary>Reads a playlist.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="address">Where it lies, which other addresses in it are relative to.</param>
    public static HlsPlaylist Parse(string text, Uri address)
    {
        var (segments, variants, sounds) = (new List<HlsSegment>(), new List<HlsVariant>(), new List<string>());
        var (sequence, target, finished) = (0L, TimeSpan.Zero, false);
        var (duration, map, range) = (TimeSpan.Zero, (string?)null, (string?)null);
        Dictionary<string, string>? variant = null;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (tag, value) = line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && line[0] == '#'
                ? (line[..colon], line[(colon + 1)..])
                : (line, "");
            switch (tag)
            {
                case "#EXT-X-MEDIA-SEQUENCE": _ = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
                break;
                case "#EXT-X-TARGETDURATION": target = Seconds(value); break;
                case "#EXT-X-ENDLIST": finished = true; break;
                case "#EXTINF": duration = Seconds(value.Split(',')[0]); break;
                case "#EXT-X-BYTERANGE": range = value; break;
                case "#EXT-X-MAP": map = value; break;
                case "#EXT-X-STREAM-INF": variant = Attributes(value); break;
                case "#EXT-X-MEDIA" when Attributes(value) is var media && media.GetValueOrDefault("TYPE") == "AUDIO"
                    && media.GetValueOrDefault("DEFAULT") == "YES":
                    sounds.Add(media.GetValueOrDefault("NAME") ?? "");
                    break;
                default:
                    if (line[0] == '#' || !Uri.TryCreate(address, line, out var uri)) break;
                    if (variant is not null)
                    {
                        variants.Add(Variant(uri, variant));
                        variant = null;
                    }
                    else
                    {
                        segments.Add(new(uri, duration, map, range));
                        (duration, range) = (TimeSpan.Zero, null);
                    }
                    break;
            }
        }
        return new()
        {
            Playlists = variants.Count == 0 ? [] : References(text, address), Segments = segments, Variants = variants,
            DefaultSounds = sounds, MediaSequence = sequence, TargetDuration = target, IsFinished = finished,
        };
    }

    /// <summary>Where a segment lies in the playlist.</summary>
    /// <param name="number">Its media sequence number.</param>
    /// <returns>From the playlist's beginning; null for one that it does not have.</returns>
    public (TimeSpan From, TimeSpan To)? Place(long number)
    {
        if (number < MediaSequence || number >= MediaSequence + Segments.Count) return null;
        var index = (int)(number - MediaSequence);
        var from = Segments.Take(index).Aggregate(TimeSpan.Zero, (sum, segment) => sum + segment.Duration);
        return (from, from + Segments[index].Duration);
    }

    private static HlsVariant Variant(Uri address, Dictionary<string, string> attributes)
    {
        _ = long.TryParse(attributes.GetValueOrDefault("BANDWIDTH"), NumberStyles.None, CultureInfo.InvariantCulture, out var bandwidth);
        return new(address, bandwidth, attributes.GetValueOrDefault("RESOLUTION"));
    }

    private static List<Uri> References(string text, Uri address) =>
        [.. PlaylistText.References(PlaylistText.Kind.Hls, text).Select(name => Uri.TryCreate(address, name, out var uri) ? uri : null)
            .OfType<Uri>().Distinct()];

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e6
        ? TimeSpan.FromSeconds(seconds)
        : TimeSpan.Zero;

    private static Dictionary<string, string> Attributes(string list)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match each in Attribute().Matches(list)) found[each.Groups[1].Value] = each.Groups[2].Value.Trim('"');
        return found;
    }

    [GeneratedRegex("([A-Z0-9-]+)=(\"[^\"]*\"|[^,]*)")]
    private static partial Regex Attribute();
}

/// <summary>A media segment.</summary>
/// <param name="Address">Where it lies.</param>
/// <param name="Duration">How long it plays, as the playlist says.</param>
/// <param name="Map">The attributes of its header (EXT-X-MAP); null where it has none.</param>
/// <param name="Range">Its part of the file; null for all of it.</param>
internal sealed record HlsSegment(Uri Address, TimeSpan Duration, string? Map, string? Range);

/// <summary>A variant of a master playlist.</summary>
/// <param name="Address">Where its playlist lies.</param>
/// <param name="Bandwidth">Bits a second at most.</param>
/// <param name="Resolution">As in <c>1280x720</c>; null where it is not told.</param>
internal sealed record HlsVariant(Uri Address, long Bandwidth, string? Resolution)
{
    /// <summary>Pixels of a picture; 0 where the resolution is not told.</summary>
    public long Pixels => Resolution?.Split('x') is [var width, var height]
        && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var w)
        && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out var h) ? (long)w * h : 0;
}
