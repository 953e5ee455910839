using System.Buffers.Binary;
using System.Text;

namespace Crispy.Archive.Playing;

/// <summary>A track of a movie's description.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsVideo">Whether it holds pictures.</param>
/// <param name="Timescale">Units a second.</param>
/// <param name="Shift">What its edit list adds to its times, in seconds: presentation time = media time + shift.</param>
/// <param name="DefaultDuration">Duration of a sample where no fragment says another.</param>
internal sealed record Mp4Track(uint Id, bool IsVideo, uint Timescale, double Shift, uint DefaultDuration)
{
    /// <summary>Reads the tracks of a <c>moov</c>.</summary>
    public static List<Mp4Track> ReadAll(byte[] bytes, Mp4Box movie)
    {
        var movieScale = Mp4Boxes.Find(bytes, movie, "mvhd") is { } header
            ? Number(bytes, header.Content + (bytes[header.Content] == 1 ? 20 : 12))
            : 1000;
        var defaults = Mp4Boxes.Find(bytes, movie, "mvex") is { } extends
            ? Mp4Boxes.Within(bytes, extends).Where(box => box.Type == "trex")
            .ToDictionary(box => Number(bytes, box.Content + 4), box => Number(bytes, box.Content + 12))
            : [];
        return [.. Mp4Boxes.Within(bytes, movie).Where(box => box.Type == "trak")
            .Select(track => Read(bytes, track, movieScale, defaults))];
    }

    private static Mp4Track Read(byte[] bytes, Mp4Box track, uint movieScale, Dictionary<uint, uint> defaults)
    {
        var header = Mp4Boxes.Find(bytes, track, "tkhd") ?? throw new InvalidDataException("a track without tkhd");
        var media = Mp4Boxes.Find(bytes, track, "mdia", "mdhd") ?? throw new InvalidDataException("a track without mdhd");
        var handler = Mp4Boxes.Find(bytes, track, "mdia", "hdlr") ?? throw new InvalidDataException("a track without hdlr");
        var id = Number(bytes, header.Content + (bytes[header.Content] == 1 ? 20 : 12));
        var scale = Number(bytes, media.Content + (bytes[media.Content] == 1 ? 20 : 12));
        if (scale == 0) throw new InvalidDataException("a track without a timescale");
        var isVideo = Encoding.Latin1.GetString(bytes, handler.Content + 8, 4) == "vide";
        var shift = Mp4Boxes.Find(bytes, track, "edts", "elst") is { } edits ? ReadShift(bytes, edits, movieScale, scale) : 0;
        return new(id, isVideo, scale, shift, defaults.GetValueOrDefault(id));
    }

    // Section 8.6.6: empty edits (media time -1) delay the track; the first other one says which media time is shown first.
    private static double ReadShift(byte[] bytes, Mp4Box edits, uint movieScale, uint scale)
    {
        var isLong = bytes[edits.Content] == 1;
        var (shift, at) = (0.0, edits.Content + 8);
        for (var count = Number(bytes, edits.Content + 4); count > 0 && at + (isLong ? 20 : 12) <= edits.End;
            count--, at += isLong ? 20 : 12)
        {
            var duration = isLong ? BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)) : Number(bytes, at);
            var time = isLong
                ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 8))
                : BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 4));
            if (time != -1) return shift - (time / (double)scale);
            shift += duration / (double)movieScale;
        }
        return shift;
    }

    private static uint Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
}
