namespace Crispy.Media;

/// <summary>What is wrong with a chunk's bytes. A chunk may be damaged and still be worth keeping.</summary>
[Flags]
public enum Damage
{
    /// <summary>Nothing that the container can tell.</summary>
    None = 0,

    /// <summary>The file has no bytes.</summary>
    Empty = 1,

    /// <summary>The bytes end inside an element (Matroska), a box (MP4) or a packet (MPEG-TS), or the index is missing.</summary>
    Truncated = 2,

    /// <summary>No video frame was found.</summary>
    NoVideo = 4,

    /// <summary>
    /// The structure contradicts itself or the file: an impossible size or identifier, lost synchronisation, more keyframes than frames,
    /// samples of more bytes than there are. Or it says what no recording can be. That is a picture shown for over an hour, a chunk of over
    /// a day, or a size that the codec does not have.
    /// </summary>
    Corrupt = 8,

    /// <summary>MPEG-TS only: packets are missing (continuity counter) or marked as received in error.</summary>
    Discontinuity = 16,

    /// <summary>Neither Matroska, MP4 nor MPEG-TS.</summary>
    UnknownContainer = 32,
}
