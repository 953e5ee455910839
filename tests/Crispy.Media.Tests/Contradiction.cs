namespace Crispy.Media.Tests;

/// <summary>What cannot be true of any recording.</summary>
internal static class Contradiction
{
    /// <summary>The first one in facts that are said to be undamaged; null without one.</summary>
    public static string? In(ChunkFacts facts)
    {
        _ = facts.Crc32cBase64;
        var (end, fps) = (facts.EndPts, facts.Fps);
        if ((facts.Damage & ~Damage.Discontinuity) != Damage.None) return null;
        if (facts.Frames <= 0) return "no frame";
        if (facts.Frames > facts.Size) return $"{facts.Frames} frames in {facts.Size} bytes";
        if (facts.Keyframes > facts.Frames || facts.Keyframes < 0) return $"{facts.Keyframes} keyframes of {facts.Frames} frames";
        if (facts.StartsWithKeyframe && facts.Keyframes == 0) return "starts with a keyframe and has none";
        if (facts.Duration < TimeSpan.Zero || facts.Duration > TimeSpan.FromDays(1)) return $"lasts {facts.Duration}";
        if (facts.Duration > facts.Frames * TimeSpan.FromHours(1)) return $"{facts.Frames} frames last {facts.Duration}";
        if (fps > 1_000_000 || (facts.Frames > 2 && (fps > 10_000 || facts.Duration == TimeSpan.Zero))) return $"{fps} frames a second";
        if (facts.FirstPts > facts.FirstPacketPts || facts.FirstPacketPts > end) return $"{facts.FirstPts}, {facts.FirstPacketPts}, {end}";
        if (facts.FirstPts.Duration() >= TimeSpan.FromDays(36_500)) return $"begins at {facts.FirstPts}";
        return facts.Video is { } video ? In(video) : facts.Container == "ts" ? null : "no format";
    }

    private static string? In(VideoFormat video)
    {
        if (video.Width is <= 0 or > 65_536 || video.Height is <= 0 or > 65_536) return $"{video.Width}x{video.Height}";
        if (video.Codec == "h264" && Math.Max(video.Width, video.Height) > 16_880) return $"h264 of {video.Width}x{video.Height}";
        if (video.BitDepth is < 1 or > 16) return $"{video.BitDepth} bits";
        return video.Channels is 1 or 3 ? null : $"{video.Channels} channels";
    }
}
