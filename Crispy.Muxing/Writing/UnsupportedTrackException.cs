namespace Crispy.Muxing.Writing;

/// <summary>A container cannot hold a track as it is. Nothing was written.</summary>
public sealed class UnsupportedTrackException : Exception
{
    /// <summary>What each message holds.</summary>
    public const string Words = "cannot hold";

    /// <summary>Says what cannot be held.</summary>
    /// <param name="isVideo">Whether it is the video track, or else the audio track.</param>
    /// <param name="codec">As ffmpeg names it.</param>
    /// <param name="container"><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</param>
    /// <param name="reason">Why, where it is not the codec alone.</param>
    public UnsupportedTrackException(bool isVideo, string codec, string container, string? reason = null)
        : base($"the container {container} {Words} {(isVideo ? "video" : "audio")} of the codec "
            + $"{codec}{(reason is null ? "" : $": {reason}")}")
    {
        IsVideo = isVideo;
        Codec = codec;
        Container = container;
    }

    /// <summary>Whether it is the video track, or else the audio track.</summary>
    public bool IsVideo { get; }

    /// <summary>The track's codec as ffmpeg names it.</summary>
    public string Codec { get; }

    /// <summary><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</summary>
    public string Container { get; }
}
