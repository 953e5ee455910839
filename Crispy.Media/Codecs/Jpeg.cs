using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>The frame header of a JPEG picture (ITU-T T.81, B.2.2).</summary>
internal static class Jpeg
{
    // Length (2), precision, height (2), width (2), the number of components.
    private const int FixedPart = 8;

    /// <summary>Finds the frame header among the marker segments before the first scan; null when there is none in these bytes.</summary>
    public static SequenceParameters? FromPicture(ReadOnlySpan<byte> picture) => FromFrameHeader(FindFrameHeader(picture));

    /// <summary>Whether there is a whole frame header, readable or not.</summary>
    public static bool HasFrameHeader(ReadOnlySpan<byte> picture) => FindFrameHeader(picture).Length >= FixedPart;

    // Empty without one.
    private static ReadOnlySpan<byte> FindFrameHeader(ReadOnlySpan<byte> picture)
    {
        if (picture.Length < 4 || picture[0] != 0xFF || picture[1] != 0xD8) return [];
        var at = 2;
        while (at + 4 <= picture.Length && picture[at] == 0xFF)
        {
            Work.Count();
            var marker = picture[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            if (IsFrameHeader(marker)) return picture[(at + 2)..];
            if (marker is 0xDA or 0xD9) return [];
            at += 2 + Math.Max(2, picture[at + 2] << 8 | picture[at + 3]);
        }

        return [];
    }

    private static SequenceParameters? FromFrameHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < FixedPart || header[2] is < 2 or > 16 || header[7] is 0 or > 4) return null;
        var components = header[7];
        return SequenceParameters.Checked(header[5] << 8 | header[6], header[3] << 8 | header[4], components == 1) is { } parameters
            ? parameters with { BitDepth = SequenceParameters.Depth(header[2]), Chroma = ChromaName(components, header[8..]) }
            : null;
    }

    // Three bytes a component: its number, its sampling factors (across, down), its table.
    private static string? ChromaName(int components, ReadOnlySpan<byte> list)
    {
        if (components == 1) return "4:0:0";
        if (components != 3 || list.Length < 9 || list[4] != list[7] || list[4] is 0) return null;
        var (across, down) = ((list[1] >> 4) / (double)(list[4] >> 4), (list[1] & 15) / (double)(list[4] & 15));
        return (across, down) switch { (2, 2) => "4:2:0", (2, 1) => "4:2:2", (1, 1) => "4:4:4", _ => null };
    }

    // All of C0 to CF but the tables (C4, CC) and the reserved C8.
    private static bool IsFrameHeader(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
