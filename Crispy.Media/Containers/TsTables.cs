using System.Text;

namespace Crispy.Media.Containers;

/// <summary>The streams of a programme.</summary>
internal readonly record struct TsStreams(int VideoPid, string? VideoCodec, string? AudioCodec);

/// <summary>Programme association and map tables (ISO/IEC 13818-1, 2.4.4).</summary>
internal static class TsTables
{
    private const int Header = 8;
    private const int Checksum = 4;

    /// <summary>Where the first programme's map is; null when the section lists none.</summary>
    public static int? ProgramPid(ReadOnlySpan<byte> section)
    {
        if (section.Length < Header + Checksum || section[0] != 0) return null;
        for (var at = Header; at + 4 <= section.Length - Checksum; at += 4)
        {
            var program = section[at] << 8 | section[at + 1];
            if (program != 0) return (section[at + 2] & 0x1F) << 8 | section[at + 3];
        }

        return null;
    }

    /// <summary>Reads a programme's map.</summary>
    public static TsStreams ReadProgram(ReadOnlySpan<byte> section)
    {
        var streams = default(TsStreams);
        if (section.Length < 12 + Checksum || section[0] != 2) return streams;
        var at = 12 + ((section[10] & 0x0F) << 8 | section[11]);
        while (at + 5 <= section.Length - Checksum)
        {
            var descriptors = (section[at + 3] & 0x0F) << 8 | section[at + 4];
            var end = Math.Min(at + 5 + descriptors, section.Length - Checksum);
            var (video, audio) = CodecOf(section[at], section[(at + 5)..end]);
            if (video is not null && streams.VideoCodec is null)
                streams = streams with { VideoPid = (section[at + 1] & 0x1F) << 8 | section[at + 2], VideoCodec = video };
            if (audio is not null && streams.AudioCodec is null) streams = streams with { AudioCodec = audio };
            at += 5 + descriptors;
        }

        return streams;
    }

    private static (string? Video, string? Audio) CodecOf(byte type, ReadOnlySpan<byte> descriptors) => type switch
    {
        0x01 => ("mpeg1video", null),
        0x02 => ("mpeg2video", null),
        0x10 => ("mpeg4", null),
        0x1B => ("h264", null),
        0x24 => ("hevc", null),
        0x03 or 0x04 => (null, "mp2"),
        0x0F => (null, "aac"),
        0x11 => (null, "aac_latm"),
        0x81 => (null, "ac3"),
        0x87 => (null, "eac3"),
        0x06 => PrivateCodec(descriptors),
        _ => (null, null),
    };

    // Private data says what it is in a descriptor: a registration (5), AC-3 (0x6A), E-AC-3 (0x7A).
    private static (string? Video, string? Audio) PrivateCodec(ReadOnlySpan<byte> descriptors)
    {
        while (descriptors.Length >= 2)
        {
            var length = Math.Min(descriptors[1], descriptors.Length - 2);
            switch (descriptors[0])
            {
                case 5 when length >= 4 && Encoding.ASCII.GetString(descriptors.Slice(2, 4)) is var name:
                    if (name == "HEVC") return ("hevc", null);
                    if (name == "Opus") return (null, "opus");
                    if (name == "AC-3") return (null, "ac3");
                    break;
                case 0x6A:
                    return (null, "ac3");
                case 0x7A:
                    return (null, "eac3");
            }

            descriptors = descriptors[(2 + length)..];
        }

        return (null, null);
    }
}
