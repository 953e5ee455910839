namespace Crispy.Muxing.Bitstreams;

/// <summary>What decoding can begin with.</summary>
public enum RandomAccess
{
    /// <summary>Nothing: the packet is no keyframe.</summary>
    None,

    /// <summary>A picture before which nothing is needed: IDR, or any keyframe of a codec without open GOPs.</summary>
    Clean,

    /// <summary>A picture whose leading pictures, if there are any, need the ones before it. HEVC: CRA or BLA. H.264: an I picture with a
    /// recovery point of 0 frames. MPEG-2 and MPEG-4 part 2: an open group of pictures.</summary>
    Open,

    /// <summary>A recovery point (H.264 and HEVC SEI): pictures are whole only some frames later.</summary>
    Gradual,
}

/// <summary>What a packet's own bytes say of its picture.</summary>
public readonly record struct PictureInfo
{
    /// <summary>What decoding can begin with.</summary>
    public RandomAccess Access { get; init; }

    /// <summary>For <see cref="RandomAccess.Gradual"/>: frames until pictures are whole.</summary>
    public int RecoveryFrames { get; init; }

    /// <summary>Whether parameter sets in the packet differ from those that were in force; they are in force from this packet on.</summary>
    public bool HasNewParameters { get; init; }

    /// <summary>Whether a slice names a parameter set that nobody sent: the picture cannot be decoded.</summary>
    public bool HasMissingParameters { get; init; }

    /// <summary>Whether the packet goes on with the picture of the packet before it: a further slice, or the second field of its
    /// frame.</summary>
    public bool ContinuesPicture { get; init; }

    /// <summary>Whether the picture may need pictures before the last <see cref="RandomAccess.Open"/> one to be decoded. HEVC: RASL. MPEG-2
    /// and MPEG-4 part 2: a B picture directly behind it. H.264: a picture that is shown before it.</summary>
    public bool IsLeading { get; init; }

    /// <summary>Its place in the order of showing, counted from the last picture that <see cref="ResetsOrder"/> (H.264 8.2.1, HEVC 8.3.1).
    /// Null where the codec has none or it cannot be read.</summary>
    public int? Order { get; init; }

    /// <summary>Whether the order begins again with it (IDR, or a memory_management_control_operation 5).</summary>
    public bool ResetsOrder { get; init; }
}
