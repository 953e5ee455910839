namespace Crispy.Media.Containers;

/// <summary>What the video packets' times add up to.</summary>
internal readonly record struct VideoSummary(
    long Frames, long Keyframes, bool StartsWithKeyframe, TimeSpan First, TimeSpan FirstPacket, TimeSpan Duration)
{
    // A window lasts an hour at most, so a picture that is shown for longer was cut from the next one. A chunk waits for its keyframe.
    private static readonly TimeSpan LongestPicture = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestChunk = TimeSpan.FromDays(1);

    // Far above any camera. Of one picture or two only the container's shortest tick may be known.
    private const double MostFps = 10_000;
    private const double MostFpsOfFew = 1_000_000;

    /// <summary>The longest time from a packet to the next one in the file, and the longest that a packet says of itself.</summary>
    public TimeSpan LongestStep { get; init; }

    /// <summary>Whether a time was too large to reckon with, or a picture had more slices than any codec allows.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Whether a recording can be like this.</summary>
    public bool IsPossible => Frames == 0
        || (!IsBroken && Keyframes <= Frames && !(StartsWithKeyframe && Keyframes == 0) && IsPossibleTime && IsPossibleRate);

    private bool IsPossibleTime => LongestStep <= LongestPicture && Duration >= TimeSpan.Zero && Duration <= LongestChunk
        && First + Duration > -LongestPicture;

    private bool IsPossibleRate => Frames == 1 && Duration == TimeSpan.Zero
        || Frames <= Duration.TotalSeconds * (Frames > 2 ? MostFps : MostFpsOfFew);
}
