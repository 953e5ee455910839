using Crispy.Muxing.Bitstreams;
using Crispy.Muxing.Writing;
using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Cutting;

/// <summary>A chunk that is being written. Times are in the video's ticks on the source's timeline, those of sound in
/// nanoseconds.</summary>
internal sealed class OpenChunk(
    int index, string path, IChunkWriter writer, Tick tick, AudioTrack? sound, long start, long fileZero, Seam? seam,
    long firstByte) : IDisposable
{
    private static readonly TimeSpan LeastHole = TimeSpan.FromSeconds(0.5);

    // Times in whole milliseconds, as Matroska has them, differ by one.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(2.1);

    // Nanoseconds. A container's units may move sound this far before the file's time 0.
    private const long RoundingOfSound = 3_000_000;

    // The picture that is shown last, and those decoded after it: its length is known when the next one is.
    private readonly List<Picture> _tail = [];
    private readonly List<long> _times = [];
    private readonly long _fileZeroNanoseconds = tick.In(Tick.Nanosecond, fileZero);
    private int _keyframes;
    private int _untimed;
    private PictureInfo? _first;
    private long _firstTime;
    private int _leading;
    private bool _missesParameters;

    /// <summary>When its first picture is shown.</summary>
    public long Start { get; } = start;

    /// <summary>When the picture that is shown last is shown.</summary>
    public long Last { get; private set; } = long.MinValue;

    /// <summary>Whether decoding can start with its first picture.</summary>
    public bool BeginsWithKeyframe { get; private set; }

    /// <summary>Pictures so far.</summary>
    public int Pictures => _times.Count;

    public TimeBasis Times { get; init; }

    /// <summary>Which of the source's timelines its times are of.</summary>
    public int Timeline { get; init; }

    /// <summary>Adds the next picture in decoding order.</summary>
    public void Add(Picture picture)
    {
        if (picture.Time > Last)
        {
            foreach (var earlier in _tail) Write(earlier, 0);
            _tail.Clear();
            Last = picture.Time;
        }
        _tail.Add(picture);
        _times.Add(picture.Time);
        if (picture.IsKeyframe) _keyframes++;
        if (!picture.IsTimed || picture.IsGuessed) _untimed++;
        _missesParameters |= picture.Info.HasMissingParameters;
        if (_first is null) (_first, _firstTime, BeginsWithKeyframe) = (picture.Info, picture.Time, picture.IsKeyframe);
        else if (_first.Value.Access == RandomAccess.Open && picture.Time < _firstTime) _leading++;
    }

    /// <summary>Adds sound.</summary>
    public void Add(SoundPacket packet)
    {
        var time = Math.Max(0, Tick.Nanosecond.In(sound!.Tick, packet.Time - _fileZeroNanoseconds));
        writer.Write(new(isVideo: false, isKeyframe: true, time, 0, packet.Buffer.AsSpan(0, packet.Length)));
        packet.Free();
    }

    /// <summary>Packets of sound that came when their chunk was complete, and are in none.</summary>
    public int LateSound { get; private set; }

    /// <summary>Counts a packet that came too late for the chunk before.</summary>
    public void DropLate(SoundPacket packet)
    {
        packet.Free();
        LateSound++;
    }

    /// <summary>Whether sound is of a time that the file has.</summary>
    public bool Reaches(SoundPacket packet) => packet.Time >= _fileZeroNanoseconds - RoundingOfSound;

    /// <summary>The usual distance of two pictures; null below two.</summary>
    public long? UsualStep()
    {
        var times = _times.ToArray();
        Array.Sort(times);
        return Usual(times);
    }

    /// <summary>Completes the file.</summary>
    /// <param name="end">When the last picture ends.</param>
    /// <param name="isKnown">Whether the source says so.</param>
    /// <param name="usualBefore">The usual distance of two pictures in the chunk before; null where there is none.</param>
    /// <param name="hidesBeforeZero">Whether pictures before time 0 are hidden.</param>
    /// <param name="lastByte">Where in the stream of packets it ends.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public CutChunk Complete(long end, bool isKnown, long? usualBefore, bool hidesBeforeZero, long lastByte)
    {
        end = Math.Max(end, Last + 1);
        foreach (var picture in _tail) Write(picture, picture.Time == Last ? end - Last : 0);
        _tail.Clear();
        writer.Complete(end - fileZero);
        writer.Dispose();
        _times.Sort();
        var hidden = hidesBeforeZero && _times[^1] >= 0 ? _times.Count(time => time < 0) : 0;
        var from = _times[hidden];
        return new()
        {
            Path = path,
            Index = index,
            Start = tick.Span(from),
            End = tick.Span(end),
            EndIsKnown = isKnown,
            Seam = seam,
            Pictures = _times.Count,
            Keyframes = _keyframes,
            IsVariable = IsVariable(end),
            Holes = Holes(from, end, isKnown, usualBefore),
            IsOpen = _first is { Access: RandomAccess.Open },
            LeadingPictures = _leading,
            RecoveryPictures = _first is { Access: RandomAccess.Gradual } gradual ? Math.Min(gradual.RecoveryFrames, _times.Count) : 0,
            HiddenPictures = hidden,
            Hidden = hidden > 0 ? tick.Span(from - _times[0]) : TimeSpan.Zero,
            Times = Times,
            Timeline = Timeline,
            LateSound = LateSound,
            UntimedPictures = _untimed,
            MissesParameters = _missesParameters,
            FirstByte = firstByte,
            LastByte = lastByte,
        };
    }

    /// <summary>Leaves the file as far as it was written.</summary>
    public void Dispose()
    {
        foreach (var picture in _tail) picture.Free();
        _tail.Clear();
        writer.Dispose();
    }

    private void Write(Picture picture, long duration)
    {
        writer.Write(new(isVideo: true, picture.IsKeyframe, picture.Time - fileZero, duration, picture.Data));
        picture.Free();
    }

    private IEnumerable<(long At, long Step)> Steps(long end, bool withLast)
    {
        for (var i = 1; i < _times.Count; i++) yield return (_times[i - 1], _times[i] - _times[i - 1]);
        if (withLast) yield return (_times[^1], end - _times[^1]);
    }

    private bool IsVariable(long end)
    {
        var (least, most) = (long.MaxValue, 0L);
        foreach (var (_, step) in Steps(end, withLast: false)) (least, most) = (Math.Min(least, step), Math.Max(most, step));
        return most > 0 && tick.Span(most - least) > Rounding && most - least > most / 5;
    }

    /// <summary>Whether pictures this far apart have a hole between them, beside the usual distance.</summary>
    public static bool IsHole(Tick tick, long step, long usual) => step > Math.Max(usual * 7 / 4, tick.From(LeastHole));

    private List<Hole> Holes(long from, long end, bool endIsKnown, long? usualBefore)
    {
        if ((Usual([.. _times]) ?? usualBefore) is not { } usual) return [];
        var holes = Steps(end, endIsKnown).Where(step => IsHole(tick, step.Step, usual)).OrderByDescending(step => step.Step)
            .Take(CutChunk.MostHoles);
        return [.. holes.OrderBy(step => step.At)
            .Select(step => new Hole(tick.Span(step.At) - tick.Span(from), tick.Span(step.At + step.Step) - tick.Span(step.At)))];
    }

    private static long? Usual(long[] sorted)
    {
        if (sorted.Length < 2) return null;
        var steps = new long[sorted.Length - 1];
        for (var i = 0; i < steps.Length; i++) steps[i] = sorted[i + 1] - sorted[i];
        Array.Sort(steps);
        return Math.Max(1, steps[steps.Length / 2]);
    }
}
