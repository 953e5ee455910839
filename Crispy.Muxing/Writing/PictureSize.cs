using Crispy.Media.Codecs;

namespace Crispy.Muxing.Writing;

/// <summary>The size of a track's pictures.</summary>
internal static class PictureSize
{
    /// <summary>As the demuxer says, or else as the codec's configuration does.</summary>
    /// <exception cref="UnsupportedTrackException">Nothing says it.</exception>
    public static (int Width, int Height) Of(VideoTrack track, string container)
    {
        if (track is { Width: > 0, Height: > 0 }) return (track.Width, track.Height);
        return VideoCodec.FromConfiguration(track.Codec, track.Configuration) is { } sequence
            ? (sequence.Width, sequence.Height)
            : throw new UnsupportedTrackException(isVideo: true, track.Codec, container, "the size of its pictures is not known");
    }
}
