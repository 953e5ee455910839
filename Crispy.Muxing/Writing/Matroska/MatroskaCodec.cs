using System.Text;

namespace Crispy.Muxing.Writing.Matroska;

/// <summary>A codec as Matroska names it (RFC 9559, 5.1.4.1.21, and the codec mappings).</summary>
/// <param name="Id">CodecID.</param>
/// <param name="Private">CodecPrivate; empty where there is none.</param>
internal readonly record struct MatroskaCodec(string Id, byte[] Private)
{
    private const string Container = "mkv";
    private const int AlacAtomHeader = 12;

    private static readonly Dictionary<string, string> Video = new()
    {
        ["h264"] = "V_MPEG4/ISO/AVC", ["hevc"] = "V_MPEGH/ISO/HEVC", ["av1"] = "V_AV1", ["vp8"] = "V_VP8", ["vp9"] = "V_VP9",
        ["mjpeg"] = "V_MJPEG", ["mpeg1video"] = "V_MPEG1", ["mpeg2video"] = "V_MPEG2", ["mpeg4"] = "V_MPEG4/ISO/ASP",
        ["prores"] = "V_PRORES", ["ffv1"] = "V_FFV1", ["theora"] = "V_THEORA",
    };

    // Codecs without an identifier of their own, by Video for Windows' four characters ...
    private static readonly Dictionary<string, string> FourCharacters = new()
    {
        ["vc1"] = "WVC1", ["wmv1"] = "WMV1", ["wmv2"] = "WMV2", ["wmv3"] = "WMV3", ["msmpeg4v2"] = "MP42", ["msmpeg4v3"] = "DIV3",
        ["h263"] = "H263", ["flv1"] = "FLV1", ["huffyuv"] = "HFYU", ["ffvhuff"] = "FFVH", ["jpegls"] = "MJLS",
    };

    // ... or by QuickTime's.
    private static readonly Dictionary<string, string> QuickTime = new() { ["dnxhd"] = "AVdn", ["cfhd"] = "CFHD" };

    private static readonly Dictionary<string, string> Audio = new()
    {
        ["aac"] = "A_AAC", ["ac3"] = "A_AC3", ["eac3"] = "A_EAC3", ["dts"] = "A_DTS", ["truehd"] = "A_TRUEHD",
        ["mp1"] = "A_MPEG/L1", ["mp2"] = "A_MPEG/L2", ["mp3"] = "A_MPEG/L3", ["opus"] = "A_OPUS", ["vorbis"] = "A_VORBIS",
        ["flac"] = "A_FLAC", ["alac"] = "A_ALAC",
        ["pcm_u8"] = "A_PCM/INT/LIT", ["pcm_s16le"] = "A_PCM/INT/LIT", ["pcm_s24le"] = "A_PCM/INT/LIT", ["pcm_s32le"] = "A_PCM/INT/LIT",
        ["pcm_s16be"] = "A_PCM/INT/BIG", ["pcm_s24be"] = "A_PCM/INT/BIG", ["pcm_s32be"] = "A_PCM/INT/BIG",
        ["pcm_f32le"] = "A_PCM/FLOAT/IEEE", ["pcm_f64le"] = "A_PCM/FLOAT/IEEE",
    };

    // WAVE's format tags, and bits a sample. ADPCM whose frames need more than these is not here: G.726 has 2 to 5 bits.
    private static readonly Dictionary<string, (int Tag, int Bits)> Wave = new()
    {
        ["pcm_alaw"] = (0x0006, 8), ["pcm_mulaw"] = (0x0007, 8), ["adpcm_g722"] = (0x028F, 4),
    };

    /// <summary>Whether Matroska has a name for the codec.</summary>
    public static bool HoldsVideo(string codec) =>
        Video.ContainsKey(codec) || FourCharacters.ContainsKey(codec) || QuickTime.ContainsKey(codec);

    /// <summary>Whether Matroska has a name for the codec.</summary>
    public static bool HoldsAudio(string codec) => Audio.ContainsKey(codec) || Wave.ContainsKey(codec);

    /// <summary>The name of a video track's codec, and what belongs to it.</summary>
    /// <exception cref="UnsupportedTrackException">Matroska has no name for it, or its configuration is missing.</exception>
    public static MatroskaCodec Of(VideoTrack track)
    {
        if (FourCharacters.TryGetValue(track.Codec, out var characters)) return new("V_MS/VFW/FOURCC", BitmapInfo(track, characters));
        if (QuickTime.TryGetValue(track.Codec, out characters)) return new("V_QUICKTIME", ImageDescription(track, characters));
        if (!Video.TryGetValue(track.Codec, out var id)) throw Unsupported(track, null);
        return new(id, track.Codec switch
        {
            "h264" or "hevc" or "theora" when track.Configuration.Length == 0 => throw Unsupported(track, "its headers are missing"),
            "theora" => XiphHeaders.Laced(track.Configuration) ?? throw Unsupported(track, "its headers cannot be read"),
            "prores" => track.Configuration.Length == 4 ? track.Configuration : "apcn"u8.ToArray(),
            "av1" => track.Configuration is [0x81, ..] ? track.Configuration : [],
            "vp8" or "vp9" or "mjpeg" => [],
            _ => track.Configuration,
        });
    }

    /// <summary>The name of an audio track's codec, and what belongs to it.</summary>
    /// <exception cref="UnsupportedTrackException">Matroska has no name for it, or its configuration is missing.</exception>
    public static MatroskaCodec Of(AudioTrack track)
    {
        if (Wave.TryGetValue(track.Codec, out var wave)) return new("A_MS/ACM", WaveFormat(track, wave.Tag, wave.Bits));
        if (!Audio.TryGetValue(track.Codec, out var id)) throw Unsupported(track, null);
        return new(id, track.Codec switch
        {
            "aac" or "opus" or "vorbis" or "flac" or "alac" when track.Configuration.Length == 0 =>
                throw Unsupported(track, "its headers are missing"),
            "vorbis" => XiphHeaders.Laced(track.Configuration) ?? throw Unsupported(track, "its headers cannot be read"),
            "flac" => FlacHeader(track.Configuration),
            "alac" => track.Configuration.Length > 24 + AlacAtomHeader - 1 ? track.Configuration[AlacAtomHeader..] : track.Configuration,
            "aac" or "opus" => track.Configuration,
            _ => [],
        });
    }

    /// <summary>Bits of a sample of PCM; 0 for codecs that have none.</summary>
    public static int BitDepth(string codec) => codec switch
    {
        "pcm_u8" => 8,
        "pcm_s16le" or "pcm_s16be" => 16,
        "pcm_s24le" or "pcm_s24be" => 24,
        "pcm_s32le" or "pcm_s32be" or "pcm_f32le" => 32,
        "pcm_f64le" => 64,
        _ => 0,
    };

    // RFC 9639: the marker, then a STREAMINFO block that is the last one.
    private static byte[] FlacHeader(byte[] configuration) =>
        configuration is [0x66, 0x4C, 0x61, 0x43, ..] ? configuration
            : [.. "fLaC"u8, 0x80, 0, 0, (byte)configuration.Length, .. configuration];

    // BITMAPINFOHEADER and the codec's own bytes behind it.
    private static byte[] BitmapInfo(VideoTrack track, string characters) =>
        new ByteBuilder()
            .LittleUInt32(40 + (uint)track.Configuration.Length).LittleUInt32((uint)track.Width).LittleUInt32((uint)track.Height)
            .LittleUInt16(1).LittleUInt16(24).Bytes(Encoding.ASCII.GetBytes(characters))
            .LittleUInt32((uint)(track.Width * track.Height * 3)).Zeros(16).Bytes(track.Configuration).Written.ToArray();

    private static byte[] ImageDescription(VideoTrack track, string characters)
    {
        var bytes = new ByteBuilder().UInt32(VisualSampleEntry.Size).Bytes(Encoding.ASCII.GetBytes(characters));
        VisualSampleEntry.Add(bytes, track.Width, track.Height);
        return bytes.Written.ToArray();
    }

    // WAVEFORMATEX.
    private static byte[] WaveFormat(AudioTrack track, int tag, int bits) =>
        new ByteBuilder()
            .LittleUInt16(tag).LittleUInt16(track.Channels).LittleUInt32((uint)track.SampleRate)
            .LittleUInt32((uint)((long)track.SampleRate * track.Channels * bits / 8)).LittleUInt16(Math.Max(1, track.Channels * bits / 8))
            .LittleUInt16(bits).LittleUInt16(0).Written.ToArray();

    private static UnsupportedTrackException Unsupported(VideoTrack track, string? reason) =>
        new(isVideo: true, track.Codec, Container, reason);

    private static UnsupportedTrackException Unsupported(AudioTrack track, string? reason) =>
        new(isVideo: false, track.Codec, Container, reason);
}
