namespace Crispy.StreamHandle.Segmenting;

/// <summary>A keyframe on its way from a camera.</summary>
/// <param name="Position">Its presentation time on ffmpeg's timeline.</param>
/// <param name="At">When that was, by the clock that <paramref name="IsCameras"/> names.</param>
/// <param name="IsCameras">Whether the camera's sender reports say it (RTCP SR, RFC 3550, 6.4.1), or it is our clock when it arrived.</param>
internal readonly record struct KeyframeTime(TimeSpan Position, DateTimeOffset At, bool IsCameras);
