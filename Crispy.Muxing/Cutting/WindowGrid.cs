namespace Crispy.Muxing.Cutting;

/// <summary>The windows, one after the other, and which picture is the first of the next one.</summary>
/// <param name="options">How to cut.</param>
/// <param name="tick">The unit of the video's times.</param>
/// <param name="head">The pictures that the next chunk begins with.</param>
/// <param name="chunks">What is being written.</param>
internal sealed class WindowGrid(CutOptions options, Tick tick, ChunkHead head, OpenChunks chunks)
{
    // A keyframe may lie a hair before the grid, by the rounding of its container or its camera's clock. Without the tolerance it would
    // miss the cut and the chunk would be a whole GOP longer.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(20);

    private long _end;

    /// <summary>Whether a chunk ends in front of a picture. Of a chunk that a seam made short, the next one's window is counted again;
    /// else a chunk is no shorter than half its window.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="start">When the chunk begins.</param>
    public bool IsOver(Picture picture, long start)
    {
        if (!picture.IsKeyframe && !(options.HardCut && picture.Time > (chunks.Current?.Last ?? start))) return false;
        if (options.HidesBeforeZero && LastOfOpen() < 0) return false;
        // What began within a group of pictures ends with it: from here on all can be decoded.
        if (chunks.Current is { BeginsWithKeyframe: false } && head.IsEmpty && !options.HardCut) return true;
        var tolerance = picture.IsKeyframe ? tick.From(Tolerance) : 0;
        return picture.Time >= _end - tolerance && picture.Time - start >= tick.From(options.Window) / 2 - tolerance;
    }

    /// <summary>The next window begins.</summary>
    /// <param name="first">The first picture of its chunk, in decoding order.</param>
    /// <param name="seam">What lies in front of it.</param>
    public void Restart(Picture first, Seam? seam)
    {
        var window = tick.From(options.Window);
        if (chunks.LastEnd is null || seam is not null || first.Time - _end > window) _end = first.Time + window;
        else while (_end - tick.From(Tolerance) <= first.Time) _end += window;
    }

    // A chunk whose pictures are all hidden would show nothing: it goes on to what is shown.
    private long LastOfOpen() => head.IsEmpty ? chunks.Current?.Last ?? 0 : head.Last;
}
