using Crispy.Muxing.Writing.Matroska;
using Crispy.Muxing.Writing.Mp4;
using Crispy.Muxing.Writing.TransportStream;

namespace Crispy.Muxing.Writing;

/// <summary>The containers that chunks are written in: <c>mkv</c>, <c>mp4</c> and <c>ts</c>.</summary>
public static class ChunkWriters
{
    /// <summary>Creates a chunk's file; one that is there is overwritten.</summary>
    /// <param name="container"><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</param>
    /// <param name="path">Where.</param>
    /// <param name="video">The video track.</param>
    /// <param name="audio">The audio track, if there is one.</param>
    /// <exception cref="UnsupportedTrackException">The container cannot hold a track. No file was created.</exception>
    /// <exception cref="ArgumentException">There is no such container.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IChunkWriter Open(string container, string path, VideoTrack video, AudioTrack? audio)
    {
        ArgumentNullException.ThrowIfNull(video);
        if (!HoldsVideo(container, video.Codec)) throw new UnsupportedTrackException(isVideo: true, video.Codec, container);
        if (audio is not null && !HoldsAudio(container, audio.Codec))
        {
            throw new UnsupportedTrackException(isVideo: false, audio.Codec, container);
        }

        return container switch
        {
            "mkv" => new MatroskaWriter(path, video, audio),
            "mp4" => new Mp4Writer(path, video, audio),
            "ts" => new TransportStreamWriter(path, video, audio),
            _ => throw Unknown(container),
        };
    }

    /// <summary>Whether a transport stream's file was completed; of the other containers the file itself tells.</summary>
    public static bool IsCompleteTransportStream(string path) => TransportStream.TransportStreamWriter.IsComplete(path);

    /// <summary>Whether a container holds video of a codec, named as ffmpeg does.</summary>
    /// <exception cref="ArgumentException">There is no such container.</exception>
    public static bool HoldsVideo(string container, string codec) => container switch
    {
        "mkv" => MatroskaCodec.HoldsVideo(codec),
        "mp4" => Mp4SampleEntry.HoldsVideo(codec),
        "ts" => TsCodec.HoldsVideo(codec),
        _ => throw Unknown(container),
    };

    /// <summary>Whether a container holds audio of a codec, named as ffmpeg does.</summary>
    /// <exception cref="ArgumentException">There is no such container.</exception>
    public static bool HoldsAudio(string container, string codec) => container switch
    {
        "mkv" => MatroskaCodec.HoldsAudio(codec),
        "mp4" => Mp4SampleEntry.HoldsAudio(codec),
        "ts" => TsCodec.HoldsAudio(codec),
        _ => throw Unknown(container),
    };

    private static ArgumentException Unknown(string container) => new($"no container {container}: mkv, mp4 or ts", nameof(container));
}
