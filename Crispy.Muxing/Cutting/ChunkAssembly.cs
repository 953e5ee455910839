namespace Crispy.Muxing.Cutting;

/// <summary>Gives each picture to its chunk, and decides where a chunk ends and the next one begins.</summary>
/// <param name="timelines">The source's timelines.</param>
/// <param name="seams">Finds what lies between two pictures.</param>
/// <param name="grid">The windows.</param>
/// <param name="head">The pictures that the next chunk begins with.</param>
/// <param name="chunks">What is being written.</param>
/// <param name="opener">Opens the next chunk.</param>
internal sealed class ChunkAssembly(
    Timelines timelines, SeamFinder seams, WindowGrid grid, ChunkHead head, OpenChunks chunks, ChunkOpener opener) : IDisposable
{
    /// <summary>Takes the next picture in decoding order.</summary>
    public void Place(Picture picture)
    {
        var jump = seams.JumpBefore(picture);
        if (jump is not null)
        {
            if (!head.IsEmpty) OpenHead();
            timelines.Begin();
        }
        timelines.Tell(picture);
        if (!head.IsEmpty && head.IsOrderComplete && !head.WaitsForSound(picture)) OpenHead();
        if (!head.IsEmpty && !picture.Info.HasNewParameters && !grid.IsOver(picture, head.First.Time))
        {
            timelines.Take(picture);
            head.Add(picture);
            if (head.IsComplete) OpenHead();
            return;
        }
        if (!head.IsEmpty) OpenHead();
        var seam = seams.Before(picture, jump);
        if (chunks.Current is null || seam is not null || grid.IsOver(picture, chunks.Current.Start)) BeginHead(picture, seam);
        else
        {
            timelines.Take(picture);
            chunks.Add(picture);
        }
    }

    /// <summary>Gives sound to the chunks that it belongs to.</summary>
    public void DrainSound() => chunks.DrainSound();

    /// <summary>Closes the chunk of a live source from which no picture has come for longer than a window.</summary>
    /// <param name="silence">How long none came.</param>
    public void CloseOverdue(TimeSpan silence)
    {
        if (chunks.Current is null || !head.IsEmpty) return;
        chunks.EndOverdue(silence);
    }

    /// <summary>No more pictures come.</summary>
    /// <param name="cutOff">Whether the source broke off within a packet.</param>
    public void Finish(bool cutOff)
    {
        if (!head.IsEmpty) OpenHead();
        if (chunks.Current is null) return;
        chunks.Finish(timelines.End, cutOff);
    }

    /// <summary>Leaves open chunks' files as far as they were written.</summary>
    public void Dispose()
    {
        chunks.Dispose();
        head.Free();
    }

    private void BeginHead(Picture picture, Seam? seam)
    {
        // On another timeline sound may be earlier than what ends here.
        if (seam is { Kind: SeamKind.ClockSetBack or SeamKind.ClockSetForward } && chunks.Current is not null) chunks.End();
        head.Begin(picture, seam);
        timelines.Take(picture);
        if (head.IsComplete) OpenHead();
    }

    private void OpenHead()
    {
        var (first, start, seam) = (head.First, head.Start, head.Seam);
        if (seam?.Kind == SeamKind.Hole && chunks.Current is not null) seam = seams.WithHole(start, first);
        if (chunks.Current is not null && seam is null or { Kind: SeamKind.Parameters }) chunks.End(start, isKnown: true);
        else if (chunks.Current is not null) chunks.End();
        chunks.CompleteIfSoundPast(start, start);
        grid.Restart(first, seam);
        var chunk = opener.Open(first, start, head.Zero(start, seam), seam);
        chunks.Begin(chunk);
        head.MoveTo(chunk);
        chunks.DrainSound();
    }
}
