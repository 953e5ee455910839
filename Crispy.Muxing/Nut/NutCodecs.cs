using System.Text;

namespace Crispy.Muxing.Nut;

/// <summary>The tags of codecs that libavformat writes into NUT, in ffmpeg's names of codecs. A tag that its source had is kept where it is
/// one of the codec's.</summary>
internal static class NutCodecs
{
    private const int EnhancedAc3BitstreamId = 11;

    /// <summary>The video codec's name; null where the tag is not known.</summary>
    public static string? VideoName(ReadOnlySpan<byte> tag) => Encoding.Latin1.GetString(tag).ToUpperInvariant() switch
    {
        "H264" or "X264" or "AVC1" or "AVC3" or "DAVC" or "VSSH" or "Q264" or "V264" or "GAVC" or "UMSV" => "h264",
        "HEVC" or "HEV1" or "HVC1" or "H265" or "X265" => "hevc",
        "AV01" => "av1",
        "VP80" => "vp8",
        "VP90" => "vp9",
        "MJPG" or "JPEG" or "MJPA" or "AVRN" or "LJPG" or "DMB1" => "mjpeg",
        "MPG2" or "MP2V" or "MPEG" or "M2V1" or "EM2V" or "\u0002\0\0\u0010" => "mpeg2video",
        "MPG1" or "MP1V" or "M1V1" or "\u0001\0\0\u0010" => "mpeg1video",
        "FMP4" or "MP4V" or "XVID" or "DIVX" or "DX50" or "MP4S" or "M4S2" or "RMP4" or "3IV2" => "mpeg4",
        "APCN" or "APCH" or "APCS" or "APCO" or "AP4H" or "AP4X" => "prores",
        "AVDN" or "AVDH" => "dnxhd",
        "FFV1" => "ffv1",
        "THEO" => "theora",
        "H263" or "S263" or "U263" => "h263",
        "FLV1" => "flv1",
        _ => null,
    };

    /// <summary>The audio codec's name; null where the tag is not known. E-AC-3 has AC-3's tag: see <see cref="IsEnhancedAc3"/>.</summary>
    public static string? AudioName(ReadOnlySpan<byte> tag) => tag switch
    {
        [0xFF, 0, ..] or [(byte)'m', (byte)'p', (byte)'4', (byte)'a'] => "aac",
        [0x00, 0x20, ..] => "ac3",
        [0x50, 0, ..] => "mp2",
        [0x55, 0, ..] => "mp3",
        [0x06, 0, ..] => "pcm_alaw",
        [0x07, 0, ..] => "pcm_mulaw",
        [0x8F, 0x02, ..] => "adpcm_g722",
        [0x45, 0, ..] or [0x64, 0, ..] => "adpcm_g726",
        [0xAC, 0xF1, ..] => "flac",
        [(byte)'V', (byte)'o', ..] or [(byte)'o', (byte)'V', ..] => "vorbis",
        [(byte)'O', (byte)'p', (byte)'u', (byte)'s'] => "opus",
        [(byte)'a', (byte)'l', (byte)'a', (byte)'c'] => "alac",
        [(byte)'P', (byte)'S', (byte)'D', var bits] => $"pcm_s{bits}le",
        [var bits, (byte)'D', (byte)'S', (byte)'P'] => $"pcm_s{bits}be",
        [(byte)'P', (byte)'U', (byte)'D', 8] => "pcm_u8",
        [(byte)'P', (byte)'F', (byte)'D', var bits] => $"pcm_f{bits}le",
        [var bits, (byte)'D', (byte)'F', (byte)'P'] => $"pcm_f{bits}be",
        _ => null,
    };

    /// <summary>Whether a frame with AC-3's sync word is E-AC-3 (ETSI TS 102 366, E.1.3.1.6: bsid above 10).</summary>
    public static bool IsEnhancedAc3(ReadOnlySpan<byte> frame) =>
        frame is [0x0B, 0x77, _, _, _, var sixth, ..] && sixth >> 3 >= EnhancedAc3BitstreamId;
}
