using Crispy.Muxing.Bitstreams;
using Crispy.Muxing.Writing;

namespace Crispy.Muxing.Cutting;

/// <summary>Opens chunks' files, one after the other.</summary>
/// <param name="options">How to cut.</param>
/// <param name="path">The file of the chunk with a number, which counts from 0.</param>
/// <param name="video">The video.</param>
/// <param name="bitstream">Has its configuration.</param>
/// <param name="sound">Has the sound's.</param>
/// <param name="timelines">The source's timelines.</param>
internal sealed class ChunkOpener(
    CutOptions options, Func<int, string> path, VideoTrack video, VideoBitstream bitstream, SoundQueue sound, Timelines timelines)
{
    private int _next;

    /// <summary>Opens the next one.</summary>
    /// <param name="first">Its first picture in decoding order.</param>
    /// <param name="start">When the first picture is shown.</param>
    /// <param name="fileZero">Its file's time 0.</param>
    /// <param name="seam">What lies in front of it.</param>
    /// <exception cref="UnsupportedTrackException">The container cannot hold a track.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public OpenChunk Open(Picture first, long start, long fileZero, Seam? seam)
    {
        var file = path(_next);
        // Others that came after it may have brought another one.
        var configured = video with { Configuration = first.Configuration ?? bitstream.Configuration };
        var writer = ChunkWriters.Open(options.Container, file, configured, sound.Track);
        return new(_next++, file, writer, video.Tick, sound.Track, start, fileZero, seam, first.Byte)
        {
            Times = options.Times,
            Timeline = timelines.Number,
        };
    }
}
