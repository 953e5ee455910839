namespace Crispy.Muxing.Cutting;

/// <summary>Where the times of pictures come from.</summary>
public enum TimeBasis
{
    /// <summary>From the source.</summary>
    Source,

    /// <summary>The source has none: pictures follow each other at the rate that it declares.</summary>
    Declared,

    /// <summary>The source has none, and is live: a picture's time is when it arrived.</summary>
    Arrival,
}

/// <summary>How a source is cut.</summary>
public sealed record CutOptions
{
    /// <summary>Length of a chunk, more than 0: it ends at the first keyframe at or after it.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The chunks' container (<see cref="Contracts.ChunkContainer"/>).</summary>
    public required string Container { get; init; }

    /// <summary>Whether the source is a live one. What comes before its first keyframe is then discarded, and a chunk is closed by time
    /// where no picture comes.</summary>
    public bool IsLive { get; init; }

    /// <summary>How long a live source may be silent, once its window is over, before its chunk is closed without the next
    /// picture.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a chunk ends at its window also where no keyframe is.</summary>
    public bool HardCut { get; init; }

    /// <summary>Whether ffmpeg encodes the pictures (<see cref="Carrier.Frames"/>).</summary>
    public bool IsEncoded { get; init; }

    /// <summary>Of how many bits of 90 kHz times are: 33 in MPEG-TS (ISO/IEC 13818-1) and HLS of it, 32 in RTP (RFC 3550). They wrap, and
    /// libavformat's guess where they do makes a clock that was set back one that was set forward. Null where they do not wrap.</summary>
    public int? WrapBits { get; init; }

    /// <summary>The unit of the pictures' times in the source; null where it is not known.</summary>
    public Tick? SourceTick { get; init; }

    /// <summary>The unit of the sound's times in the source; null where it is not known.</summary>
    public Tick? SoundTick { get; init; }

    /// <summary>Whether pictures before time 0 are hidden by an edit list (MP4, QuickTime).</summary>
    public bool HidesBeforeZero { get; init; }

    /// <summary>Where times come from.</summary>
    public TimeBasis Times { get; init; }

    /// <summary>The video codec, where it is known better than by its tag in NUT; else null.</summary>
    public string? VideoCodec { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary><c>tt</c>, <c>bb</c>, <c>tb</c> or <c>bt</c> for interlaced pictures; else null.</summary>
    public string? FieldOrder { get; init; }

    /// <summary>When the source's last picture ends, on its own timeline; null where that is not known.</summary>
    public TimeSpan? End { get; init; }

    /// <summary>A frame's length by the rate that the source declares, as one tick; null where it declares none.</summary>
    public Tick? DeclaredFrame { get; init; }
}
