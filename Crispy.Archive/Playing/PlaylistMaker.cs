using System.Globalization;
using System.Text;
using Crispy.Archive.Listing;
using Crispy.Contracts;

namespace Crispy.Archive.Playing;

/// <summary>
/// Writes HLS playlists (RFC 8216): a segment for each stored chunk. The playlist's time is media time: each segment begins where the one before it ends, through discontinuities too, and
/// <c>EXT-X-PROGRAM-DATE-TIME</c> says which time of the day it shows.
/// </summary>
internal static class PlaylistMaker
{
    /// <summary>The media type of RFC 8216, section 4.</summary>
    public const string MediaType = "application/vnd.apple.mpegurl";

    private static readonly TimeSpan Seam = TimeSpan.FromMilliseconds(20);

    // Sound may begin before its picture and end after it: neighbours that do not follow on from each other must not overlap.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="items">The stored chunks with a manifest, by time.</param>
    public static string Write(IReadOnlyList<Recorded> items)
    {
        var target = items.Count == 0 ? 1 : (int)Math.Ceiling(items.Max(item => item.Duration!.Value.TotalSeconds));
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-TARGETDURATION:{Math.Max(1, target)}\n#EXT-X-MEDIA-SEQUENCE:0\n");
        if (items.All(item => !item.NoLeadingKeyframe)) text.Append("#EXT-X-INDEPENDENT-SEGMENTS\n");
        var (offset, before) = (TimeSpan.Zero, default(Recorded));
        foreach (var item in items)
        {
            var isFirst = before.Epoch is null;
            if (!isFirst && !FollowsOn(before, item))
            {
                offset += Pause;
                text.Append("#EXT-X-DISCONTINUITY\n");
            }
            if (isFirst || before.Epoch != item.Epoch || before.Shape != item.Shape) text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MAP:URI=\"segments/init/{SegmentName.Of(item)}.mp4\"\n");
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PROGRAM-DATE-TIME:{item.From.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\n");
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{Instants.Seconds(item.Duration!.Value):0.000000},\nsegments/{offset.Ticks / TimeSpan.TicksPerMicrosecond}/{SegmentName.Of(item)}.m4s\n");
            offset += item.Duration!.Value;
            before = item;
        }
        return text.Append("#EXT-X-ENDLIST\n").ToString();
    }

    private static bool FollowsOn(Recorded before, Recorded item) =>
        before.Epoch == item.Epoch && before.Shape == item.Shape && before.Sequence + 1 == item.Sequence && (item.From - before.To).Duration() <= Seam;
}

/// <summary>A chunk's name in a playlist, <c>20261122T170844123Z-00000042.mkv</c>: that of its object without the folders, which follow from it.</summary>
internal static class SegmentName
{
    public static string Of(Recorded item) => $"{Epoch.Name(item.From)}-{ChunkId.Digits(item.Sequence)}.{item.Shape!.Container}";

    /// <summary>Reads it back.</summary>
    /// <returns>False where it is none.</returns>
    public static bool TryParse(string stream, string? text, out ObjectName name)
    {
        name = default;
        if (text?.Split('-', '.') is not [var time, var digits, var extension] || !ChunkContainer.IsValid(extension) || !StreamId.IsValid(stream)) return false;
        if (!Epoch.TryParse(time, out var from) || !ChunkId.TryParseDigits(digits, out var sequence)) return false;
        name = new(stream, from, sequence, extension);
        return true;
    }
}
