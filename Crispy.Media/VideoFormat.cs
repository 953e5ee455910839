namespace Crispy.Media;

/// <summary>What a video track's own parameter sets say about its pictures.</summary>
/// <param name="Codec">The codec as ffprobe names it: <c>h264</c>, <c>hevc</c>, <c>mjpeg</c>, <c>vp8</c>, <c>vp9</c>, <c>av1</c>, <c>mpeg4</c>, <c>mpeg2video</c>.</param>
/// <param name="Width">Pixels in a row after cropping, before rotation and aspect-ratio correction.</param>
/// <param name="Height">Rows after cropping, before rotation.</param>
/// <param name="Channels">1 for a stream without colour planes, 3 for colour.</param>
public sealed record VideoFormat(string Codec, int Width, int Height, int Channels);
