namespace Crispy.Muxing;

/// <summary>The video of a source as its demuxer describes it.</summary>
/// <param name="Codec">As ffmpeg names it: <c>h264</c>, <c>hevc</c>, <c>mjpeg</c>.</param>
/// <param name="Tick">The unit of its times.</param>
/// <param name="Width">Pixels of a row; 0 where the demuxer does not know.</param>
/// <param name="Height">Rows; 0 where the demuxer does not know.</param>
public sealed record VideoTrack(string Codec, Tick Tick, int Width, int Height)
{
    /// <summary>The codec's configuration: <c>avcC</c>, <c>hvcC</c>, <c>av1C</c>, a sequence header; empty where it has none. For H.264 and
    /// HEVC always a record, never start codes.</summary>
    public byte[] Configuration { get; init; } = [];

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Width of a pixel in units of <see cref="PixelHeight"/>; 1 where it is square or unknown.</summary>
    public int PixelWidth { get; init; } = 1;

    /// <summary>Height of a pixel in units of <see cref="PixelWidth"/>.</summary>
    public int PixelHeight { get; init; } = 1;

    /// <summary>A frame's usual duration in nanoseconds, exact where the rate is constant; 0 where it varies or is unknown.</summary>
    public long FrameNanoseconds { get; init; }
}

/// <summary>The sound of a source as its demuxer describes it.</summary>
/// <param name="Codec">As ffmpeg names it: <c>aac</c>, <c>opus</c>, <c>pcm_s16le</c>.</param>
/// <param name="Tick">The unit of its times.</param>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">1 or more.</param>
public sealed record AudioTrack(string Codec, Tick Tick, int SampleRate, int Channels)
{
    /// <summary>The codec's configuration (AudioSpecificConfig, OpusHead, the three Vorbis headers as ffmpeg's extradata has them,
    /// STREAMINFO with or without <c>fLaC</c>); empty where it has none.</summary>
    public byte[] Configuration { get; init; } = [];
}
