namespace Crispy.Media;

/// <summary>What a video track's own parameter sets say about its pictures.</summary>
/// <param name="Codec">The codec as ffprobe names it: <c>h264</c>, <c>hevc</c>, <c>mjpeg</c>, <c>vp8</c>, <c>vp9</c>, <c>av1</c>,
/// <c>mpeg4</c>, <c>mpeg2video</c>.</param>
/// <param name="Width">Pixels in a row after cropping, before rotation and aspect-ratio correction.</param>
/// <param name="Height">Rows after cropping, before rotation.</param>
/// <param name="Channels">1 for a stream without colour planes, 3 for colour.</param>
public sealed record VideoFormat(string Codec, int Width, int Height, int Channels)
{
    /// <summary>Bits of a luma sample; null where it is not known.</summary>
    public int? BitDepth { get; init; }

    /// <summary>How often colour is sampled: <c>4:0:0</c> (never), <c>4:2:0</c>, <c>4:2:2</c> or <c>4:4:4</c>; null where it is not
    /// known.</summary>
    public string? Chroma { get; init; }

    /// <summary>The shape of a pixel as the codec says it; null where it does not.</summary>
    public PixelAspect? PixelAspect { get; init; }

    /// <summary>False where the codec's parameters rule out fields. Null where they allow them, and where they do not say.</summary>
    public bool? IsInterlaced { get; init; }
}
