namespace Crispy.Muxing.Cutting;

/// <summary>Finds what lies between two pictures that do not follow each other.</summary>
/// <param name="isLive">Whether the source is a live one.</param>
/// <param name="tick">The unit of the video's times.</param>
/// <param name="stepBack">Tells a clock that stepped back.</param>
/// <param name="arrivals">Tells one that was set forward.</param>
/// <param name="steps">How far pictures are apart.</param>
/// <param name="chunks">What is being written.</param>
internal sealed class SeamFinder(
    bool isLive, Tick tick, StepBack stepBack, Arrivals arrivals, PictureSteps steps, OpenChunks chunks)
{
    // A picture may stand still for minutes; what follows it can be decoded only together with it.
    private static readonly TimeSpan LongestStill = TimeSpan.FromMinutes(11);

    // In front of a keyframe, longer than this and than ten usual distances is no distance of two pictures.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(10);
    private const int UsualSteps = 10;

    /// <summary>Whether the source's clock steps in front of a picture, and how; null where it does not.</summary>
    public SeamKind? JumpBefore(Picture picture)
    {
        if (stepBack.Is(picture, steps.Slack)) return SeamKind.ClockSetBack;
        return isLive && arrivals.IsAhead(picture) ? SeamKind.ClockSetForward : null;
    }

    /// <summary>What lies in front of a picture; null where it follows the one before, or is the first.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="jump">How the source's clock steps in front of it (<see cref="JumpBefore"/>).</param>
    public Seam? Before(Picture picture, SeamKind? jump)
    {
        if (chunks.Current is null && chunks.LastEnd is null) return null;
        if (jump is { } kind) return To(picture.Time, kind);
        if (chunks.Current is null) return picture.Time - chunks.LastEnd > steps.Slack ? To(picture.Time, SeamKind.Hole) : null;
        if (!picture.IsKeyframe && !picture.HasNewHeader)
            return tick.Span(picture.Time - chunks.Current.Last) > LongestStill ? To(picture.Time, SeamKind.Hole) : null;
        return WithHole(picture.Time, picture);
    }

    /// <summary>What lies where the chunk before ends and pictures go on later. Pictures that are shown before their keyframe may fill
    /// what looked like a hole.</summary>
    /// <param name="start">When they go on.</param>
    /// <param name="first">The first of them in decoding order.</param>
    public Seam? WithHole(long start, Picture first)
    {
        var step = start - chunks.Current!.Last;
        var span = tick.Span(step);
        var usual = steps.In(chunks.Current);
        if (span > LongestStill) return To(start, SeamKind.Hole);
        if (first.IsKeyframe && span > LongestStep && step > UsualSteps * (usual ?? step)) return To(start, SeamKind.Hole);
        if (!first.Info.HasNewParameters) return null;
        // Of what ends here nobody says how long its last picture stands.
        return OpenChunk.IsHole(tick, step, usual ?? steps.Declared(1))
            ? To(start, SeamKind.Hole)
            : new(SeamKind.Parameters, TimeSpan.Zero);
    }

    private Seam To(long start, SeamKind kind) =>
        new(kind, tick.Span(start) - tick.Span(chunks.Current is null ? chunks.LastEnd!.Value : chunks.EndOfCurrent));
}
