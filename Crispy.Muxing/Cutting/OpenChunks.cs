using Crispy.Muxing.Nut;

namespace Crispy.Muxing.Cutting;

/// <summary>A chunk that has all of its pictures, and waits for its last sound.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="End">When its last picture ends, in the video's ticks.</param>
/// <param name="EndIsKnown">Whether the source says so.</param>
internal sealed record ClosingChunk(OpenChunk Chunk, long End, bool EndIsKnown);

/// <summary>The chunk that takes pictures, and the one before it as long as that takes sound. Times are in the video's ticks.</summary>
/// <param name="options">How to cut.</param>
/// <param name="video">The video.</param>
/// <param name="sound">The sound that waits for its chunk.</param>
/// <param name="steps">How far pictures are apart.</param>
/// <param name="nut">What is read.</param>
/// <param name="closed">Called for each chunk that is complete.</param>
internal sealed class OpenChunks(
    CutOptions options, VideoTrack video, SoundQueue sound, PictureSteps steps, NutReader nut, Action<CutChunk> closed) : IDisposable
{
    private ClosingChunk? _closing;
    private bool _isCutOff;
    private bool _isFinishing;

    /// <summary>The one that takes pictures; null where none does.</summary>
    public OpenChunk? Current { get; private set; }

    /// <summary>When the last one that ended ends; null before the first.</summary>
    public long? LastEnd { get; private set; }

    /// <summary>When the current one ends, if its last picture stands as long as usual.</summary>
    public long EndOfCurrent => steps.EndOf(Current!);

    /// <summary>Another one takes pictures.</summary>
    public void Begin(OpenChunk chunk) => Current = chunk;

    /// <summary>Adds a picture to the current one.</summary>
    public void Add(Picture picture)
    {
        Current!.Add(picture);
        DrainSound();
        CompleteIfSoundPast(Current.Start, picture.Time);
    }

    /// <summary>Gives sound to the chunks that it belongs to.</summary>
    public void DrainSound() => sound.Drain(_closing, Current, all: false);

    /// <summary>Ends the current one.</summary>
    /// <param name="end">When its last picture ends.</param>
    /// <param name="isKnown">Whether the source says so.</param>
    public void End(long end, bool isKnown)
    {
        CompleteClosing();
        steps.Learn(Current!);
        (_closing, Current, LastEnd) = (new(Current!, end, isKnown), null, end);
        DrainSound();
        if (!isKnown) CompleteClosing();
    }

    /// <summary>Ends the current one where nobody says when its last picture ends.</summary>
    public void End() => End(EndOfCurrent, isKnown: false);

    /// <summary>Ends the current one if its window is over and nothing came for longer than that.</summary>
    public void EndOverdue(TimeSpan silence)
    {
        var passed = video.Tick.Span(Current!.Last - Current.Start) + silence;
        if (silence < options.Silence || silence < options.Window * 2 || passed < options.Window) return;
        End();
    }

    /// <summary>Completes the one before, if it gets no more sound.</summary>
    /// <param name="start">When the chunk after it begins.</param>
    /// <param name="now">When the latest picture is shown.</param>
    public void CompleteIfSoundPast(long start, long now)
    {
        if (_closing is not null && sound.IsPast(start, now)) CompleteClosing();
    }

    /// <summary>Ends the current one, which is the last.</summary>
    /// <param name="told">When the source's last picture ends; below all times where that is not known.</param>
    /// <param name="cutOff">Whether the source broke off within a packet.</param>
    public void Finish(long told, bool cutOff)
    {
        var (end, isKnown) = (EndOfCurrent, false);
        // Another track may last longer.
        if (told > Current!.Last && told <= end + (end - Current.Last) / 20) (end, isKnown) = (told, true);
        sound.Drain(_closing, Current, all: true);
        CompleteClosing();
        (_isFinishing, _isCutOff) = (true, cutOff);
        End(end, isKnown);
        CompleteClosing();
    }

    /// <summary>Leaves their files as far as they were written.</summary>
    public void Dispose()
    {
        _closing?.Chunk.Dispose();
        Current?.Dispose();
    }

    private void CompleteClosing()
    {
        if (_closing is not { } closing) return;
        _closing = null;
        var complete = closing.Chunk.Complete(closing.End, closing.EndIsKnown, steps.Usual, options.HidesBeforeZero, nut.Position);
        closed(complete with
        {
            Rotation = options.Rotation,
            PixelWidth = video.PixelWidth,
            PixelHeight = video.PixelHeight,
            FieldOrder = options.FieldOrder,
            IsLast = _isFinishing && Current is null,
            IsCutOff = _isCutOff && _isFinishing && Current is null,
        });
    }
}
