namespace Crispy.Muxing.Writing;

/// <summary>A packet of a chunk, valid during the call that it is handed to. Of H.264 and HEVC: NAL units behind lengths of four bytes, as
/// <see cref="VideoTrack.Configuration"/> says.</summary>
/// <param name="isVideo">Of the video track, or else of the audio track.</param>
/// <param name="isKeyframe">Whether decoding can start here.</param>
/// <param name="time">In ticks of the track.</param>
/// <param name="duration">In ticks of the track.</param>
/// <param name="data">One picture, or one frame of sound.</param>
public readonly ref struct ChunkPacket(bool isVideo, bool isKeyframe, long time, long duration, ReadOnlySpan<byte> data)
{
    /// <summary>Of the video track, or else of the audio track.</summary>
    public bool IsVideo { get; } = isVideo;

    /// <summary>Whether decoding can start here.</summary>
    public bool IsKeyframe { get; } = isKeyframe;

    /// <summary>Presentation time in its track's ticks since the file's zero; never negative.</summary>
    public long Time { get; } = time;

    /// <summary>In its track's ticks; 0 where it is not known. Always known for the video packet that is shown last.</summary>
    public long Duration { get; } = duration;

    /// <summary>One picture, or one frame of sound.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;
}

/// <summary>Writes one chunk's file. For one thread.</summary>
public interface IChunkWriter : IDisposable
{
    /// <summary>Adds a packet. Packets of a track come in decoding order, and those of the two tracks about in the order of their times.
    /// Packets without bytes (ffmpeg's way to tell new side data) are left out.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    void Write(ChunkPacket packet);

    /// <summary>Completes the file.</summary>
    /// <param name="end">When the last picture ends, in the video track's ticks since the file's zero.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    void Complete(long end);
}
