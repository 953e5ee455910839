namespace Crispy.Media;

/// <summary>What the first bytes of a chunk say.</summary>
/// <param name="Container"><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</param>
/// <param name="Video">The first video track.</param>
/// <param name="AudioCodec">The first audio track's codec as ffprobe names it; null without audio.</param>
public sealed record MediaHead(string Container, VideoFormat Video, string? AudioCodec);
