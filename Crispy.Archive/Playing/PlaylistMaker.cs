using System.Globalization;
using System.Text;
using Crispy.Archive.Listing;
using Crispy.Contracts;

namespace Crispy.Archive.Playing;

/// <summary>
/// Writes HLS playlists (RFC 8216): a segment for each stored chunk. The playlist's time is media time. Each segment begins where the one
/// before it ends, through discontinuities too. <c>EXT-X-PROGRAM-DATE-TIME</c> says which time of the day a segment shows.
/// </summary>
internal static class PlaylistMaker
{
    /// <summary>The media type of RFC 8216, section 4.</summary>
    public const string MediaType = "application/vnd.apple.mpegurl";

    /// <summary>Names a segment's codec as the manifest does, so that a player can ask its browser before it fetches anything. Players
    /// ignore tags that they do not know.</summary>
    public const string CodecTag = "#EXT-X-CRISPY-CODEC:";

    /// <summary>The folder of segments that are converted.</summary>
    public const string Converted = "converted";

    // A live list shows its newest segments: at least three (RFC 8216, section 6.2.2), and a minute.
    private const int LeastShown = 3;
    private static readonly TimeSpan Shown = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Seam = TimeSpan.FromMilliseconds(20);

    // Sound may begin before its picture and end after it: neighbours that do not follow on from each other must not overlap.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>A list that is complete.</summary>
    /// <param name="items">The stored chunks with a manifest, by time.</param>
    /// <param name="converted">Whether its segments are converted (<see cref="Converter"/>).</param>
    public static string Write(IReadOnlyList<Recorded> items, bool converted = false) =>
        Write(Place(items, converted), 0, isComplete: true, converted);

    /// <summary>A list that goes on: the newest of these. Its numbers and places count from the first,
    /// so they stay while more follow.</summary>
    /// <param name="items">The stored chunks with a manifest from a fixed instant on, by time.</param>
    /// <param name="converted">Whether its segments are converted (<see cref="Converter"/>).</param>
    public static string WriteLive(IReadOnlyList<Recorded> items, bool converted = false)
    {
        var segments = Place(items, converted);
        var (first, length) = (segments.Count, TimeSpan.Zero);
        while (first > 0 && (segments.Count - first < LeastShown || length < Shown)) length += segments[--first].Item.Duration!.Value;
        return Write(segments, first, isComplete: false, converted);
    }

    private static List<Segment> Place(IReadOnlyList<Recorded> items, bool converted)
    {
        var segments = new List<Segment>(items.Count);
        var (offset, before, map) = (TimeSpan.Zero, default(Recorded), "");
        foreach (var item in items)
        {
            var isFirst = segments.Count == 0;
            var breaks = !isFirst && !FollowsOn(before, item);
            if (breaks) offset += Pause;
            // An encoder describes each of its chunks by itself.
            if (converted || isFirst || before.Epoch != item.Epoch || before.Shape != item.Shape) map = SegmentName.Of(item);
            segments.Add(new(item, offset, breaks, map));
            offset += item.Duration!.Value;
            before = item;
        }
        return segments;
    }

    private static string Write(List<Segment> segments, int first, bool isComplete, bool converted)
    {
        var folder = converted ? Converted : "segments";
        var target = segments.Count == 0 ? 1 : (int)Math.Ceiling(segments.Max(segment => segment.Item.Duration!.Value.TotalSeconds));
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:7\n").Append(isComplete ? "#EXT-X-PLAYLIST-TYPE:VOD\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-TARGETDURATION:{Math.Max(1, target)}\n#EXT-X-MEDIA-SEQUENCE:{first}\n");
        var broken = segments.Take(first).Count(segment => segment.Breaks);
        if (!isComplete) text.Append(CultureInfo.InvariantCulture, $"#EXT-X-DISCONTINUITY-SEQUENCE:{broken}\n");
        if (segments.TrueForAll(segment => !segment.Item.NoLeadingKeyframe)) text.Append("#EXT-X-INDEPENDENT-SEGMENTS\n");
        var map = "";
        foreach (var (item, offset, breaks, own) in segments.Skip(first))
        {
            if (breaks) text.Append("#EXT-X-DISCONTINUITY\n");
            if (own != map)
                text.Append($"{CodecTag}{(converted ? Converter.Codec : item.Shape!.Codec)}\n#EXT-X-MAP:URI=\"{folder}/init/"
                    + $"{map = own}.mp4\"\n");
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PROGRAM-DATE-TIME:{item.From.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\n");
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{Instants.Seconds(item.Duration!.Value):0.000000},\n");
            text.Append(CultureInfo.InvariantCulture,
                $"{folder}/{offset.Ticks / TimeSpan.TicksPerMicrosecond}/{SegmentName.Of(item)}.m4s\n");
        }
        return text.Append(isComplete ? "#EXT-X-ENDLIST\n" : "").ToString();
    }

    private static bool FollowsOn(Recorded before, Recorded item) =>
        before.Epoch == item.Epoch && before.Shape == item.Shape && before.Sequence + 1 == item.Sequence
        && (item.From - before.To).Duration() <= Seam;

    /// <param name="Item">The chunk.</param>
    /// <param name="Offset">Where it begins in the playlist's time.</param>
    /// <param name="Breaks">Whether it does not follow on from the one before.</param>
    /// <param name="Map">The chunk whose description it needs.</param>
    private readonly record struct Segment(Recorded Item, TimeSpan Offset, bool Breaks, string Map);
}

/// <summary>A chunk's name in a playlist, <c>20261122T170844123Z-00000042.mkv</c>: that of its object without the folders,
/// which follow from it.</summary>
internal static class SegmentName
{
    public static string Of(Recorded item) => $"{Epoch.Name(item.From)}-{ChunkId.Digits(item.Sequence)}.{item.Shape!.Container}";

    /// <summary>Reads it back.</summary>
    /// <returns>False where it is none.</returns>
    public static bool TryParse(string stream, string? text, out ObjectName name)
    {
        name = default;
        if (text?.Split('-', '.') is not [var time, var digits, var extension] || !ChunkContainer.IsValid(extension)
            || !StreamId.IsValid(stream))
            return false;
        if (!Epoch.TryParse(time, out var from) || !ChunkId.TryParseDigits(digits, out var sequence)) return false;
        name = new(stream, from, sequence, extension);
        return true;
    }
}
