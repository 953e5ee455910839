namespace Crispy.Muxing.Cutting;

/// <summary>The source's timelines, one after the other: another one begins where its clock steps. Tells of each picture.</summary>
internal sealed class Timelines(
    CutOptions options, Tick tick, StepBack stepBack, SourceTimes times, Arrivals arrivals, Action<PictureArrival> arrived)
{
    /// <summary>Which one it is, from 0.</summary>
    public int Number { get; private set; }

    /// <summary>When the last picture that came is shown; null before this timeline's first.</summary>
    public TimeSpan? Reached { get; private set; }

    /// <summary>When the source's last picture ends, in the video's ticks; below all times where that is not known. After a step of the
    /// clock the source's length is no time of it.</summary>
    public long End => Number == 0 && options.End is { } last ? tick.From(last) : long.MinValue;

    /// <summary>Another one begins.</summary>
    public void Begin()
    {
        Number++;
        stepBack.Reset();
        times.Reset();
        arrivals.Reset();
        Reached = null;
    }

    /// <summary>Tells that a picture came.</summary>
    public void Tell(Picture picture)
    {
        var time = tick.Span(picture.Time);
        if (Reached is null || time > Reached) Reached = time;
        arrivals.Learn(picture);
        DateTimeOffset? camera = picture.Camera is { } microseconds
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(microseconds)
            : null;
        arrived(new(Number, time, picture.ArrivedAt, camera));
    }

    /// <summary>Takes a picture that is of this timeline.</summary>
    public void Take(Picture picture) => stepBack.Take(picture);
}
