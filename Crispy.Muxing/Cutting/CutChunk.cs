namespace Crispy.Muxing.Cutting;

/// <summary>Why a chunk does not follow on from the one before it.</summary>
public enum SeamKind
{
    /// <summary>The source's clock stepped back: another timeline begins, and nothing tells how much time passed.</summary>
    ClockSetBack,

    /// <summary>The clock of a live source was set forward: another timeline begins, and nothing tells how much time passed.</summary>
    ClockSetForward,

    /// <summary>The source has no picture for a time.</summary>
    Hole,

    /// <summary>The codec's parameters changed; time goes on.</summary>
    Parameters,
}

/// <summary>What lies between two chunks that do not follow each other.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="By">From the end of the one before to the start of this one, on the source's timeline: negative where its clock stepped
/// back.</param>
public sealed record Seam(SeamKind Kind, TimeSpan By);

/// <summary>A time within a chunk for which its source has no picture.</summary>
/// <param name="At">From the chunk's start to the picture before it.</param>
/// <param name="Length">From that picture to the next.</param>
public readonly record struct Hole(TimeSpan At, TimeSpan Length);

/// <summary>A chunk that is complete: what its source says of it. Times are on the source's own timeline, to its tick, rounded to 100
/// ns.</summary>
public sealed record CutChunk
{
    /// <summary>How many of a chunk's holes are named.</summary>
    public const int MostHoles = 16;

    /// <summary>Its file.</summary>
    public required string Path { get; init; }

    /// <summary>Its place among the chunks of its run, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>When its first picture that is shown is shown.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>When its last picture ends: at the next chunk's start, where that follows.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>Whether the source says when the last picture ends; else it was given the usual distance of two pictures.</summary>
    public required bool EndIsKnown { get; init; }

    /// <summary>Why it does not follow on from the chunk before it; null where it does, and for the first.</summary>
    public Seam? Seam { get; init; }

    /// <summary>Pictures: two fields of a frame, and several slices, are one.</summary>
    public required int Pictures { get; init; }

    /// <summary>Keyframes among them.</summary>
    public required int Keyframes { get; init; }

    /// <summary>Whether pictures do not follow each other at one distance.</summary>
    public bool IsVariable { get; init; }

    /// <summary>The longest holes, in order, at most <see cref="MostHoles"/>.</summary>
    public IReadOnlyList<Hole> Holes { get; init; } = [];

    /// <summary>Whether it begins with a keyframe that leans on the chunk before (open GOP): what follows may name pictures that are not
    /// there.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Pictures shown before the first keyframe that need pictures of the chunk before (open GOP).</summary>
    public int LeadingPictures { get; init; }

    /// <summary>Pictures from the first one on until they are whole (intra refresh).</summary>
    public int RecoveryPictures { get; init; }

    /// <summary>Pictures in front that an edit list hides.</summary>
    public int HiddenPictures { get; init; }

    /// <summary>How long the hidden pictures last.</summary>
    public TimeSpan Hidden { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Width of a pixel in units of <see cref="PixelHeight"/>; 1 where it is square or unknown.</summary>
    public int PixelWidth { get; init; } = 1;

    /// <summary>Height of a pixel in units of <see cref="PixelWidth"/>.</summary>
    public int PixelHeight { get; init; } = 1;

    /// <summary><c>tt</c>, <c>bb</c>, <c>tb</c> or <c>bt</c> for interlaced pictures; else null.</summary>
    public string? FieldOrder { get; init; }

    /// <summary>Where its times come from.</summary>
    public TimeBasis Times { get; init; }

    /// <summary>Pictures whose time the source does not say; they were placed between the others.</summary>
    public int UntimedPictures { get; init; }

    /// <summary>Packets of sound that came when their own chunk was complete, and are in none.</summary>
    public int LateSound { get; init; }

    /// <summary>Whether a picture needs parameters that nobody sent.</summary>
    public bool MissesParameters { get; init; }

    /// <summary>Which of the source's timelines its times are of, from 0.</summary>
    public int Timeline { get; init; }

    /// <summary>Whether nothing came after it.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether the source broke off within a packet.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Where in the stream of packets it lies: from this byte on.</summary>
    public long FirstByte { get; init; }

    /// <summary>Where in the stream of packets it lies: up to this byte.</summary>
    public long LastByte { get; init; }
}
