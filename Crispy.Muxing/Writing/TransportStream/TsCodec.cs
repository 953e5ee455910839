using System.Text;
using Crispy.Media.Bytes;

namespace Crispy.Muxing.Writing.TransportStream;

/// <summary>How a codec's elementary stream is announced (ISO/IEC 13818-1, table 2-34).</summary>
/// <param name="StreamType">In the programme map.</param>
/// <param name="StreamId">In the headers of its packets.</param>
/// <param name="Registration">Four characters of a registration descriptor; empty without one.</param>
internal readonly record struct TsCodec(byte StreamType, byte StreamId, string Registration)
{
    private const string Container = "ts";
    private const byte VideoId = 0xE0;
    private const byte AudioId = 0xC0;
    private const byte PrivateId = 0xBD;
    private const int Mpeg1Rate = 32_000;

    private static readonly Dictionary<string, TsCodec> Video = new()
    {
        ["h264"] = new(0x1B, VideoId, ""), ["hevc"] = new(0x24, VideoId, "HEVC"), ["mpeg4"] = new(0x10, VideoId, ""),
        ["mpeg1video"] = new(0x01, VideoId, ""), ["mpeg2video"] = new(0x02, VideoId, ""),
    };

    private static readonly Dictionary<string, TsCodec> Audio = new()
    {
        ["aac"] = new(0x0F, AudioId, ""), ["mp2"] = new(0x03, AudioId, ""), ["mp3"] = new(0x03, AudioId, ""),
        ["ac3"] = new(0x81, PrivateId, "AC-3"), ["eac3"] = new(0x87, PrivateId, "EAC3"),
    };

    /// <summary>Whether a transport stream has a type for the codec.</summary>
    public static bool HoldsVideo(string codec) => Video.ContainsKey(codec);

    /// <summary>Whether a transport stream has a type for the codec.</summary>
    public static bool HoldsAudio(string codec) => Audio.ContainsKey(codec);

    /// <summary>How a video track is announced.</summary>
    /// <exception cref="UnsupportedTrackException">There is no type for it, or its parameter sets are missing.</exception>
    public static TsCodec Of(VideoTrack track)
    {
        if (!Video.TryGetValue(track.Codec, out var codec)) throw new UnsupportedTrackException(isVideo: true, track.Codec, Container);
        return track.Codec is "h264" or "hevc" && track.Configuration.Length == 0
            ? throw new UnsupportedTrackException(isVideo: true, track.Codec, Container, "its headers are missing")
            : codec;
    }

    /// <summary>How an audio track is announced.</summary>
    /// <exception cref="UnsupportedTrackException">There is no type for it.</exception>
    public static TsCodec Of(AudioTrack track)
    {
        if (!Audio.TryGetValue(track.Codec, out var codec)) throw new UnsupportedTrackException(isVideo: false, track.Codec, Container);
        return track.Codec is "mp2" or "mp3" && track.SampleRate < Mpeg1Rate ? codec with { StreamType = 0x04 } : codec;
    }

    /// <summary>The fixed part of the ADTS header of a track's frames (ISO/IEC 14496-3, 1.A.3.2); empty for other codecs than
    /// AAC.</summary>
    /// <exception cref="UnsupportedTrackException">ADTS cannot tell what the AudioSpecificConfig does.</exception>
    public static byte[] AdtsOf(AudioTrack track)
    {
        const int spectral = 5, parametric = 29, mostProfile = 4, ownRate = 15;
        if (track.Codec != "aac") return [];
        var bits = new BitReader(track.Configuration);
        var type = bits.Bits(5);
        var rate = bits.Bits(4);
        if (rate == ownRate) bits.Skip(24);
        var channels = bits.Bits(4);
        if (type is spectral or parametric)
        {
            if (bits.Bits(4) == ownRate) bits.Skip(24);
            type = bits.Bits(5);
        }
        if (bits.Overrun || type is 0 or > mostProfile || rate >= 13 || channels is 0 or > 7)
        {
            throw new UnsupportedTrackException(isVideo: false, track.Codec, Container, "its configuration has no place in ADTS");
        }

        return [0xFF, 0xF1, (byte)((type - 1) << 6 | rate << 2 | channels >> 2), (byte)((channels & 3) << 6)];
    }

    /// <summary>Adds the stream's entry in the programme map.</summary>
    public void AddTo(ByteBuilder bytes, int pid)
    {
        bytes.Byte(StreamType).UInt16(0xE000 | pid).UInt16(0xF000 | (Registration.Length == 0 ? 0 : 2 + Registration.Length));
        if (Registration.Length > 0) bytes.Byte(5).Byte(Registration.Length).Bytes(Encoding.ASCII.GetBytes(Registration));
    }
}
