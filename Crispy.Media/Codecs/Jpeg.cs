namespace Crispy.Media.Codecs;

/// <summary>The frame header of a JPEG picture (ITU-T T.81, B.2.2).</summary>
internal static class Jpeg
{
    /// <summary>Finds the frame header among the marker segments before the first scan; null when there is none in these bytes.</summary>
    public static SequenceParameters? FromPicture(ReadOnlySpan<byte> picture)
    {
        if (picture.Length < 4 || picture[0] != 0xFF || picture[1] != 0xD8) return null;
        var at = 2;
        while (at + 4 <= picture.Length && picture[at] == 0xFF)
        {
            var marker = picture[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            if (IsFrameHeader(marker)) return FromFrameHeader(picture[(at + 2)..]);
            if (marker is 0xDA or 0xD9) return null;
            at += 2 + Math.Max(2, picture[at + 2] << 8 | picture[at + 3]);
        }

        return null;
    }

    private static SequenceParameters? FromFrameHeader(ReadOnlySpan<byte> header) =>
        header.Length < 8 ? null : SequenceParameters.Checked(header[5] << 8 | header[6], header[3] << 8 | header[4], header[7] == 1);

    // All of C0 to CF but the tables (C4, CC) and the reserved C8.
    private static bool IsFrameHeader(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
