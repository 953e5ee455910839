using System.Buffers.Binary;
using System.Text;

namespace Crispy.Media.Containers;

/// <summary>Matroska's codec identifiers in ffprobe's names.</summary>
internal static class MatroskaCodecs
{
    /// <summary>The video codec's name; the identifier itself, in lower case, when it is not a known one.</summary>
    public static string VideoName(MatroskaTrack track) => track.CodecId switch
    {
        "V_MPEG4/ISO/AVC" => "h264",
        "V_MPEGH/ISO/HEVC" => "hevc",
        "V_MJPEG" => "mjpeg",
        "V_VP8" => "vp8",
        "V_VP9" => "vp9",
        "V_AV1" => "av1",
        "V_MPEG4/ISO/ASP" or "V_MPEG4/ISO/SP" or "V_MPEG4/ISO/AP" => "mpeg4",
        "V_MPEG2" => "mpeg2video",
        "V_MPEG1" => "mpeg1video",
        "V_FFV1" => "ffv1",
        "V_MS/VFW/FOURCC" => FourCcName(track.CodecPrivate),
        var other => StripPrefix(other),
    };

    /// <summary>The audio codec's name; the identifier itself, in lower case, when it is not a known one.</summary>
    public static string AudioName(MatroskaTrack track) => track.CodecId switch
    {
        "A_MPEG/L3" => "mp3",
        "A_MPEG/L2" => "mp2",
        "A_PCM/INT/LIT" => track.BitDepth == 8 ? "pcm_u8" : $"pcm_s{track.BitDepth}le",
        "A_PCM/INT/BIG" => $"pcm_s{track.BitDepth}be",
        "A_PCM/FLOAT/IEEE" => $"pcm_f{track.BitDepth}le",
        "A_MS/ACM" => WaveFormatName(track.CodecPrivate),
        var other => StripPrefix(other.Split('/')[0]),
    };

    // BITMAPINFOHEADER: the four characters lie at byte 16.
    private static string FourCcName(ReadOnlySpan<byte> header)
    {
        if (header.Length < 20) return "vfw";
        return Encoding.ASCII.GetString(header.Slice(16, 4)).ToUpperInvariant() switch
        {
            "MJPG" => "mjpeg",
            "H264" or "X264" or "AVC1" => "h264",
            "HEVC" or "H265" or "HVC1" => "hevc",
            "XVID" or "DIVX" or "FMP4" or "MP4V" or "DX50" => "mpeg4",
            var other => other.ToLowerInvariant(),
        };
    }

    // WAVEFORMATEX: the format tag is the first two bytes, little-endian.
    private static string WaveFormatName(ReadOnlySpan<byte> header) =>
        header.Length < 2 ? "acm" : BinaryPrimitives.ReadUInt16LittleEndian(header) switch
    {
        1 => "pcm_s16le",
        6 => "pcm_alaw",
        7 => "pcm_mulaw",
        0x45 => "adpcm_g726",
        0x55 => "mp3",
        var tag => $"acm_{tag:x4}",
    };

    private static string StripPrefix(string id) => (id.Length > 2 && id[1] == '_' ? id[2..] : id).ToLowerInvariant();
}
