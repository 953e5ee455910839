using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Cutting;

/// <summary>The pictures that the next chunk begins with. They are held until it is known which of them is shown first, and when its
/// sound begins.</summary>
/// <param name="chunks">The chunks before.</param>
/// <param name="sound">The sound that waits for its chunk.</param>
/// <param name="reorders">Whether the codec can decode pictures in another order than they are shown.</param>
internal sealed class ChunkHead(OpenChunks chunks, SoundQueue sound, bool reorders)
{
    // How many pictures wait for the first sound.
    private const int MostWaiting = 64;

    private readonly List<Picture> _pictures = [];

    /// <summary>What lies in front of it; null where it follows the chunk before, or is the first.</summary>
    public Seam? Seam { get; private set; }

    /// <summary>Whether none is held.</summary>
    public bool IsEmpty => _pictures.Count == 0;

    /// <summary>The first in decoding order.</summary>
    public Picture First => _pictures[0];

    /// <summary>When the one that is shown first is shown.</summary>
    public long Start => _pictures.Min(picture => picture.Time);

    /// <summary>When the one that is shown last is shown.</summary>
    public long Last => _pictures.Max(picture => picture.Time);

    /// <summary>Whether the chunk can be opened.</summary>
    public bool IsComplete => IsOrderComplete && !WaitsForSound(_pictures[^1]);

    /// <summary>Whether it is known which picture is shown first. Pictures that are shown before the keyframe follow it. Two shown after
    /// it end them.</summary>
    public bool IsOrderComplete
    {
        get
        {
            if (!reorders || !First.IsKeyframe || First.Info.Access == RandomAccess.Clean) return true;
            return _pictures.Count > 40 || _pictures.Count(picture => picture.Time > First.Time) >= 2;
        }
    }

    /// <summary>Whether the first sound is waited for: it may be earlier than the pictures (<see cref="SoundQueue.Zero"/>).</summary>
    /// <param name="next">The latest picture.</param>
    public bool WaitsForSound(Picture next) =>
        IsZeroNew(Seam) && _pictures.Count < MostWaiting && sound.IsAwaited(next.Time - First.Time);

    /// <summary>The time 0 of the chunk's file.</summary>
    /// <param name="start">When its first picture is shown.</param>
    /// <param name="seam">What lies in front of it.</param>
    public long Zero(long start, Seam? seam) => IsZeroNew(seam) ? sound.Zero(start, isFirst: chunks.LastEnd is null) : start;

    /// <summary>Begins with a picture.</summary>
    public void Begin(Picture picture, Seam? seam)
    {
        Seam = seam;
        _pictures.Add(picture);
    }

    /// <summary>Holds a further picture.</summary>
    public void Add(Picture picture) => _pictures.Add(picture);

    /// <summary>Gives the pictures to their chunk.</summary>
    public void MoveTo(OpenChunk chunk)
    {
        foreach (var picture in _pictures) chunk.Add(picture);
        _pictures.Clear();
        Seam = null;
    }

    /// <summary>Drops the pictures.</summary>
    public void Free()
    {
        foreach (var picture in _pictures) picture.Free();
    }

    private bool IsZeroNew(Seam? seam) => chunks.LastEnd is null || seam is { Kind: not SeamKind.Parameters };
}
