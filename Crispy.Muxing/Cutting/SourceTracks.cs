using Crispy.Muxing.Nut;

namespace Crispy.Muxing.Cutting;

/// <summary>The tracks that ffmpeg hands over: one of video, and at most one of sound.</summary>
/// <param name="VideoStream">The video's place among the streams.</param>
/// <param name="AudioStream">The sound's; below 0 where there is none.</param>
/// <param name="Video">The video.</param>
/// <param name="Audio">The sound; null where there is none.</param>
/// <param name="Extradata">The video codec's configuration as libavcodec has it.</param>
internal sealed record SourceTracks(int VideoStream, int AudioStream, VideoTrack Video, AudioTrack? Audio, byte[] Extradata)
{
    /// <summary>The tracks among streams.</summary>
    /// <exception cref="NutException">There is no video, or its codec is not known.</exception>
    public static SourceTracks Among(IReadOnlyList<NutStream> streams, CutOptions options)
    {
        var (videoStream, audioStream) = (-1, -1);
        for (var i = 0; i < streams.Count; i++)
        {
            if (streams[i].Class == NutStreamClass.Video) videoStream = i;
            else if (streams[i].Class == NutStreamClass.Audio) audioStream = i;
        }
        if (videoStream < 0) throw new NutException("ffmpeg hands over no video");
        var video = streams[videoStream];
        var audio = audioStream < 0 ? null : AudioOf(streams[audioStream]);
        return new(videoStream, audioStream, VideoOf(video, options), audio, video.Extradata);
    }

    private static VideoTrack VideoOf(NutStream video, CutOptions options)
    {
        var codec = options.VideoCodec ?? NutCodecs.VideoName(video.Tag)
            ?? throw new NutException($"ffmpeg hands over a video codec with the unknown tag {Convert.ToHexString(video.Tag)}");
        return new(codec, video.Tick, video.Width, video.Height)
        {
            Rotation = options.Rotation,
            PixelWidth = video.PixelWidth > 0 && video.PixelHeight > 0 ? video.PixelWidth : 1,
            PixelHeight = video.PixelWidth > 0 && video.PixelHeight > 0 ? video.PixelHeight : 1,
        };
    }

    private static AudioTrack AudioOf(NutStream sound)
    {
        var name = NutCodecs.AudioName(sound.Tag) ?? $"of tag {Convert.ToHexString(sound.Tag)}";
        return new(name, sound.Tick, sound.SampleRate, sound.Channels) { Configuration = sound.Extradata };
    }
}
