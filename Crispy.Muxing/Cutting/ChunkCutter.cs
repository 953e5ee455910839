using Crispy.Muxing.Bitstreams;
using Crispy.Muxing.Nut;
using Crispy.Muxing.Writing;
using RandomAccess = Crispy.Muxing.Bitstreams.RandomAccess;

namespace Crispy.Muxing.Cutting;

/// <summary>A picture on its way from its source.</summary>
/// <param name="Timeline">Counts the source's timelines from 0: another one begins where its clock steps.</param>
/// <param name="Position">When it is shown, on that timeline.</param>
/// <param name="At">When it came, by the cutter's clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Camera">When it was taken by its camera's sender reports (RTCP SR, RFC 3550, 6.4.1); null where they do not say.</param>
public readonly record struct PictureArrival(int Timeline, TimeSpan Position, long At, DateTimeOffset? Camera);

/// <summary>What the cutter tells while it works. All are called on the thread that reads.</summary>
/// <param name="Closed">A chunk is complete.</param>
/// <param name="Arrived">A picture came.</param>
/// <param name="Discarded">A picture in front of a live source's first keyframe was discarded.</param>
public sealed record CutListener(Action<CutChunk> Closed, Action<PictureArrival> Arrived, Action Discarded);

/// <summary>
/// Cuts a source into chunks and writes them. Each picture and each packet of sound is in exactly one chunk, at the time that the source
/// gives it. A chunk ends at the first keyframe at or after its
/// window, and where the source's clock or its codec's parameters change. It ends when the next one begins, to the source's tick.
/// </summary>
public sealed class ChunkCutter : IDisposable
{
    // A keyframe may lie a hair before the grid, by the rounding of its container or its camera's clock. Without the tolerance it would
    // miss the cut and the chunk would be a whole GOP longer.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(20);

    // A picture may stand still for minutes; what follows it can be decoded only together with it.
    private static readonly TimeSpan LongestStill = TimeSpan.FromMinutes(11);

    // In front of a keyframe, longer than this and than ten usual distances is no distance of two pictures.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(10);
    private const int UsualSteps = 10;

    // How far ahead of our clock a live source's may seem to be before it is another one.
    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(1);

    // How far a live source's pictures may run ahead of sound that is waited for.
    private static readonly TimeSpan MostSoundLag = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostSoundLagInFile = TimeSpan.FromSeconds(10);
    private const int MostSound = 4096;

    private const long PartsOfSecond = 1_000_000_000_000;

    // How many pictures wait for the first sound.
    private const int MostWaiting = 64;

    private readonly CutOptions _options;
    private readonly Func<int, string> _path;
    private readonly CutListener _listener;
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly Lock _lock = new();
    private readonly NutReader _nut;
    private readonly NutPacket _packet = new();
    private readonly List<Picture> _head = [];
    private readonly Queue<SoundPacket> _sound = [];
    private byte[] _scratch = [];
    private VideoTrack? _video;
    private AudioTrack? _audio;
    private VideoBitstream? _bitstream;
    private SourceTimes? _times;
    private PictureTimes? _placing;
    private StepBack? _stepBack;
    private SoundTimes? _soundTimes;
    private int _videoStream = -1;
    private int _audioStream = -1;
    private Picture? _latest;
    private OpenChunk? _chunk;
    private OpenChunk? _closing;
    private Seam? _headSeam;
    private long? _end;
    private long _gridEnd;
    private long? _usual;
    private long _lastSound = long.MinValue;
    private long _lastArrival;
    private TimeSpan? _earliest;
    private int _timeline;
    private long _counted;
    private int _next;
    private bool _hasKeyframe;
    private bool _isCutOff;
    private bool _isFinishing;

    /// <summary>A cutter of what ffmpeg hands over.</summary>
    /// <param name="nut">ffmpeg's standard output (<see cref="Carrier"/>).</param>
    /// <param name="options">How to cut.</param>
    /// <param name="path">The file of the chunk with a number, which counts from 0.</param>
    /// <param name="listener">What is told.</param>
    /// <param name="clock">The clock.</param>
    public ChunkCutter(Stream nut, CutOptions options, Func<int, string> path, CutListener listener, TimeProvider clock)
    {
        (_options, _path, _listener, _clock, _nut) = (options, path, listener, clock, new(nut));
        _began = _lastArrival = clock.GetTimestamp();
    }

    /// <summary>Bytes of ffmpeg's output read so far. For any thread.</summary>
    public long Position => _nut.Position;

    /// <summary>When the last picture that came is shown, on the source's timeline; null before the first.</summary>
    public TimeSpan? Reached { get; private set; }

    /// <summary>Called before each packet: blocks for as long as the source must be held back.</summary>
    public Action<TimeSpan> Gate { get; init; } = _ => { };

    /// <summary>Reads to the end, or until asked to stop. Blocks.</summary>
    /// <param name="stopping">Ends the reading before the next packet.</param>
    /// <returns>Whether the source ended between two packets.</returns>
    /// <exception cref="NutException">ffmpeg writes what this code does not know.</exception>
    /// <exception cref="UnsupportedTrackException">The container cannot hold a track.</exception>
    /// <exception cref="IOException">The disk does not take a chunk: its file stays as far as it was written.</exception>
    public bool Run(CancellationToken stopping)
    {
        var whole = true;
        try
        {
            if (!_nut.ReadHeaders()) return true;
            FindStreams();
            while (!stopping.IsCancellationRequested && _nut.TryRead(_packet))
            {
                Gate(Reached ?? TimeSpan.Zero);
                lock (_lock) Take();
            }
        }
        catch (EndOfStreamException)
        {
            whole = false;
        }
        // What ends anywhere because it is no longer wanted is no end.
        if (_options.IsLive || !stopping.IsCancellationRequested) lock (_lock) Finish(cutOff: !whole);
        return whole;
    }

    /// <summary>Closes the chunk of a live source from which no picture has come for longer than a window. For any thread.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void CloseOverdue()
    {
        if (!_options.IsLive) return;
        lock (_lock)
        {
            if (_chunk is null || _head.Count > 0 || _video is null) return;
            var silence = _clock.GetElapsedTime(_lastArrival);
            var passed = _video.Tick.Span(_chunk.Last - _chunk.Start) + silence;
            if (silence < _options.Silence || silence < _options.Window * 2 || passed < _options.Window) return;
            EndChunk(EndOfLast(), isKnown: false);
        }
    }

    /// <summary>Leaves an open chunk's file as far as it was written.</summary>
    public void Dispose()
    {
        _closing?.Dispose();
        _chunk?.Dispose();
        foreach (var picture in _head) picture.Free();
        while (_sound.TryDequeue(out var packet)) packet.Free();
    }

    private void FindStreams()
    {
        for (var i = 0; i < _nut.Streams.Count; i++)
        {
            if (_nut.Streams[i].Class == NutStreamClass.Video) _videoStream = i;
            else if (_nut.Streams[i].Class == NutStreamClass.Audio) _audioStream = i;
        }
        if (_videoStream < 0) throw new NutException("ffmpeg hands over no video");
        var video = _nut.Streams[_videoStream];
        var codec = _options.VideoCodec ?? NutCodecs.VideoName(video.Tag)
            ?? throw new NutException($"ffmpeg hands over a video codec with the unknown tag {Convert.ToHexString(video.Tag)}");
        _bitstream = VideoBitstream.Of(codec, video.Extradata);
        _times = new(video.Tick, _options.IsEncoded, _options.SourceTick, _options.WrapBits);
        _stepBack = new(codec);
        _placing = new(_stepBack.Reorders, DeclaredFrame.In(video.Tick, 1));
        _video = new(codec, video.Tick, video.Width, video.Height)
        {
            Rotation = _options.Rotation,
            PixelWidth = video.PixelWidth > 0 && video.PixelHeight > 0 ? video.PixelWidth : 1,
            PixelHeight = video.PixelWidth > 0 && video.PixelHeight > 0 ? video.PixelHeight : 1,
        };
        if (_audioStream < 0) return;
        var sound = _nut.Streams[_audioStream];
        var name = NutCodecs.AudioName(sound.Tag) ?? $"of tag {Convert.ToHexString(sound.Tag)}";
        _audio = new(name, sound.Tick, sound.SampleRate, sound.Channels) { Configuration = sound.Extradata };
        _soundTimes = new(sound.Tick, _options.SoundTick, _times, video.Tick);
    }

    private void Take()
    {
        if (_packet.Stream == _videoStream) TakeVideo();
        else if (_packet.Stream == _audioStream) TakeSound();
    }

    private void TakeVideo()
    {
        var isNew = _packet.NewExtradata is { } extradata && _bitstream!.TakeExtradata(extradata);
        var info = _bitstream!.Look(_packet.Data, _packet.IsKeyframe);
        if (isNew) info = info with { HasNewParameters = true };
        var data = _bitstream.ToLengthPrefixed(_packet.Data, ref _scratch);
        _lastArrival = _clock.GetTimestamp();
        if (info.ContinuesPicture && _latest is not null)
        {
            _latest.Append(data);
            return;
        }
        var (time, kind) = Time();
        var picture = new Picture
        {
            IsKeyframe = _packet.IsKeyframe,
            Info = info,
            Time = time,
            IsGuessed = _times!.IsGuessed,
            Byte = _nut.Position - _packet.Length,
            ArrivedAt = _lastArrival,
            Camera = _packet.CameraTime,
            HasNewHeader = isNew,
            Configuration = _packet.IsKeyframe ? _bitstream.Configuration : null,
        };
        picture.Append(data);
        if (_options.IsLive && !_hasKeyframe && !picture.IsKeyframe)
        {
            picture.Free();
            _listener.Discarded();
            return;
        }
        _hasKeyframe |= picture.IsKeyframe;
        _latest = picture;
        if (_options.Times == TimeBasis.Arrival) Place(picture);
        else _placing!.Take(picture, kind, Place);
    }

    private Tick DeclaredFrame =>
        _options.DeclaredFrame
        ?? (_bitstream!.FrameSeconds is > 0.001 and < 1000 and var seconds
            ? new((long)Math.Round(seconds * PartsOfSecond), PartsOfSecond)
            : new(1, 25));

    // What ffmpeg counts differs from release to release.
    private (long Time, TimeKind Kind) Time()
    {
        if (_options.Times == TimeBasis.Arrival) return (_video!.Tick.From(_clock.GetElapsedTime(_began)), TimeKind.Presentation);
        var (time, kind) = _times!.Video(_packet);
        return kind == TimeKind.Counted && _options.Times == TimeBasis.Declared
            ? (DeclaredFrame.In(_video!.Tick, _counted++), TimeKind.Decoding)
            : (time, kind);
    }

    // In decoding order.
    private void Place(Picture picture)
    {
        var jump = JumpBefore(picture);
        if (jump is not null)
        {
            if (_head.Count > 0) OpenHead();
            BeginTimeline();
        }
        Tell(picture);
        if (_head.Count > 0 && IsOrderComplete() && !WaitsForSound(picture)) OpenHead();
        if (_head.Count > 0 && !picture.Info.HasNewParameters && !IsWindowOver(picture, _head[0].Time))
        {
            _stepBack!.Take(picture);
            _head.Add(picture);
            if (IsHeadComplete()) OpenHead();
            return;
        }
        if (_head.Count > 0) OpenHead();
        var seam = FindSeam(picture, jump);
        if (_chunk is null || seam is not null || IsWindowOver(picture, _chunk.Start)) BeginHead(picture, seam);
        else
        {
            _stepBack!.Take(picture);
            _chunk.Add(picture);
            DrainSound();
            if (_closing is not null && IsSoundPast(_chunk.Start, picture.Time)) CompleteClosing();
        }
    }

    // A picture cannot arrive before it is taken: one that would have, if its time were of the clock so far, is of another.
    private SeamKind? JumpBefore(Picture picture)
    {
        if (_stepBack!.Is(picture, Slack())) return SeamKind.ClockSetBack;
        return _options.IsLive && _earliest is { } earliest && earliest - Lateness(picture) > MostAhead ? SeamKind.ClockSetForward : null;
    }

    private TimeSpan Lateness(Picture picture) => _clock.GetElapsedTime(_began, picture.ArrivedAt) - _video!.Tick.Span(picture.Time);

    private void BeginTimeline()
    {
        _timeline++;
        _stepBack!.Reset();
        _times!.Reset();
        (_earliest, Reached) = (null, null);
    }

    private void Tell(Picture picture)
    {
        var time = _video!.Tick.Span(picture.Time);
        if (Reached is null || time > Reached) Reached = time;
        if (_earliest is null || Lateness(picture) < _earliest) _earliest = Lateness(picture);
        DateTimeOffset? camera = picture.Camera is { } microseconds
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(microseconds)
            : null;
        _listener.Arrived(new(_timeline, time, picture.ArrivedAt, camera));
    }

    private long Slack() => Math.Max(1, (_usual ?? _video!.Tick.From(TimeSpan.FromMilliseconds(20))) / 2);

    private Seam? FindSeam(Picture picture, SeamKind? jump)
    {
        if (_chunk is null && _end is null) return null;
        if (jump is { } kind) return SeamTo(picture.Time, kind);
        if (_chunk is null) return picture.Time - _end > Slack() ? SeamTo(picture.Time, SeamKind.Hole) : null;
        if (!picture.IsKeyframe && !picture.HasNewHeader)
            return _video!.Tick.Span(picture.Time - _chunk.Last) > LongestStill ? SeamTo(picture.Time, SeamKind.Hole) : null;
        return SeamWithHole(picture.Time, picture);
    }

    // Where the chunk before ends and pictures go on later. Pictures that are shown before their keyframe may fill what looked like a hole.
    private Seam? SeamWithHole(long start, Picture first)
    {
        var step = start - _chunk!.Last;
        var span = _video!.Tick.Span(step);
        var usual = _chunk.UsualStep() ?? _usual;
        if (span > LongestStill) return SeamTo(start, SeamKind.Hole);
        if (first.IsKeyframe && span > LongestStep && step > UsualSteps * (usual ?? step)) return SeamTo(start, SeamKind.Hole);
        if (!first.Info.HasNewParameters) return null;
        // Of what ends here nobody says how long its last picture stands.
        return OpenChunk.IsHole(_video.Tick, step, usual ?? DeclaredFrame.In(_video.Tick, 1))
            ? SeamTo(start, SeamKind.Hole)
            : new(SeamKind.Parameters, TimeSpan.Zero);
    }

    private Seam SeamTo(long start, SeamKind kind) =>
        new(kind, _video!.Tick.Span(start) - _video.Tick.Span(_chunk is null ? _end!.Value : EndOfLast()));

    // Of a chunk that a seam made short, the next one's window is counted again; else a chunk is no shorter than half its window.
    private bool IsWindowOver(Picture picture, long start)
    {
        if (!picture.IsKeyframe && !(_options.HardCut && picture.Time > (_chunk?.Last ?? start))) return false;
        if (_options.HidesBeforeZero && LastOfOpen() < 0) return false;
        // What began within a group of pictures ends with it: from here on all can be decoded.
        if (_chunk is { BeginsWithKeyframe: false } && _head.Count == 0 && !_options.HardCut) return true;
        var tolerance = picture.IsKeyframe ? _video!.Tick.From(Tolerance) : 0;
        return picture.Time >= _gridEnd - tolerance && picture.Time - start >= _video!.Tick.From(_options.Window) / 2 - tolerance;
    }

    // A chunk whose pictures are all hidden would show nothing: it goes on to what is shown.
    private long LastOfOpen() => _head.Count > 0 ? _head.Max(picture => picture.Time) : _chunk?.Last ?? 0;

    private void BeginHead(Picture picture, Seam? seam)
    {
        // On another timeline sound may be earlier than what ends here.
        if (seam is { Kind: SeamKind.ClockSetBack or SeamKind.ClockSetForward } && _chunk is not null)
            EndChunk(EndOfLast(), isKnown: false);
        _headSeam = seam;
        _head.Add(picture);
        _stepBack!.Take(picture);
        if (IsHeadComplete()) OpenHead();
    }

    private bool IsHeadComplete() => IsOrderComplete() && !WaitsForSound(_head[^1]);

    // Pictures that are shown before the keyframe follow it. Two shown after it end them.
    private bool IsOrderComplete()
    {
        var first = _head[0];
        if (!_stepBack!.Reorders || !first.IsKeyframe || first.Info.Access == RandomAccess.Clean) return true;
        return _head.Count > 40 || _head.Count(picture => picture.Time > first.Time) >= 2;
    }

    // A file's time 0 is that of its first picture or its first sound, which an encoder's delay may put before it.
    private bool WaitsForSound(Picture next) =>
        _audio is not null && IsZeroNew && _sound.Count == 0 && _head.Count < MostWaiting
        && _video!.Tick.Span(next.Time - _head[0].Time) < MostSoundLag;

    private bool IsZeroNew => _end is null || _headSeam is { Kind: not SeamKind.Parameters };

    private void OpenHead()
    {
        var first = _head[0];
        var start = _head.Min(picture => picture.Time);
        if (_headSeam?.Kind == SeamKind.Hole && _chunk is not null) _headSeam = SeamWithHole(start, first);
        if (_chunk is not null && _headSeam is null or { Kind: SeamKind.Parameters }) EndChunk(start, isKnown: true);
        else if (_chunk is not null) EndChunk(EndOfLast(), isKnown: false);
        CompleteIfSoundPast(start);
        RestartGrid(first);
        var fileZero = start;
        if (IsZeroNew && FirstSound() is { } sound && (_end is null || _video!.Tick.Span(start - sound) < MostSoundLag))
            fileZero = Math.Min(start, sound);
        var path = _path(_next);
        // Others that came after it may have brought another one.
        var video = _video! with { Configuration = first.Configuration ?? _bitstream!.Configuration };
        var writer = ChunkWriters.Open(_options.Container, path, video, _audio);
        _chunk = new(_next++, path, writer, video.Tick, _audio, start, fileZero, _headSeam,
            first.Byte) { Times = _options.Times, Timeline = _timeline };
        foreach (var picture in _head) _chunk.Add(picture);
        _head.Clear();
        _headSeam = null;
        DrainSound();
    }

    private void RestartGrid(Picture first)
    {
        var window = _video!.Tick.From(_options.Window);
        if (_end is null || _headSeam is not null || first.Time - _gridEnd > window) _gridEnd = first.Time + window;
        else while (_gridEnd - _video.Tick.From(Tolerance) <= first.Time) _gridEnd += window;
    }

    private long EndOfLast()
    {
        var usual = _chunk!.UsualStep() ?? _usual ?? DeclaredFrame.In(_video!.Tick, 1);
        return _chunk.Last + Math.Max(1, usual);
    }

    private void EndChunk(long end, bool isKnown)
    {
        CompleteClosing();
        _usual = _chunk!.UsualStep() ?? _usual;
        _chunk.Closing = (end, isKnown);
        (_closing, _chunk, _end) = (_chunk, null, end);
        DrainSound();
        if (!isKnown) CompleteClosing();
    }

    private void CompleteIfSoundPast(long start)
    {
        if (_closing is not null && IsSoundPast(start, start)) CompleteClosing();
    }

    private bool IsSoundPast(long start, long now)
    {
        if (_audio is null || _lastSound == long.MinValue) return true;
        var boundary = _video!.Tick.In(Tick.Nanosecond, start);
        var lag = _options.IsLive ? MostSoundLag : MostSoundLagInFile;
        return _lastSound >= boundary || _video.Tick.Span(now - start) > lag || boundary - _lastSound > 2 * lag.Ticks * 100;
    }

    private void CompleteClosing()
    {
        if (_closing is not { Closing: { } closing } chunk) return;
        _closing = null;
        var complete = chunk.Complete(closing.End, closing.IsKnown, _usual, _options.HidesBeforeZero, _nut.Position);
        _listener.Closed(complete with
        {
            Rotation = _options.Rotation,
            PixelWidth = _video!.PixelWidth,
            PixelHeight = _video.PixelHeight,
            FieldOrder = _options.FieldOrder,
            IsLast = _isFinishing && _chunk is null,
            IsCutOff = _isCutOff && _isFinishing && _chunk is null,
        });
    }

    private void TakeSound()
    {
        if (_packet.NewExtradata is { } extradata) _audio = _audio! with { Configuration = extradata };
        var data = _packet.Data;
        if (_audio!.Codec == "aac" && Adts.Begins(data) && _audio.Configuration.Length == 0)
            _audio = _audio with { Configuration = Adts.Configuration(data) };
        if (_audio.Codec == "aac" && Adts.Begins(data)) data = Adts.Frame(data);
        if (_audio.Codec == "ac3" && NutCodecs.IsEnhancedAc3(data)) _audio = _audio with { Codec = "eac3" };
        long? near = Reached is { } reached ? reached.Ticks * 100 : null;
        _lastSound = _soundTimes!.Of(_packet.Time, near);
        _sound.Enqueue(SoundPacket.Of(_lastSound, data));
        DrainSound();
    }

    // A tick earlier, since a tick of sound may be finer.
    private long? FirstSound() => _sound.TryPeek(out var first) ? Tick.Nanosecond.In(_video!.Tick, first.Time) - 1 : null;

    // Sound goes to the chunk whose pictures are shown with it, so it waits until the pictures are past it.
    private void DrainSound(bool all = false)
    {
        while (_sound.TryPeek(out var packet))
        {
            if (_closing is { Closing: { } closing } && packet.Time < _video!.Tick.In(Tick.Nanosecond, closing.End))
                Add(_closing, _sound.Dequeue());
            else if (_chunk is not null && (all || packet.Time < _video!.Tick.In(Tick.Nanosecond, _chunk.Last) || _sound.Count > MostSound))
                Add(_chunk, _sound.Dequeue());
            else break;
        }
        if (_chunk is null && _closing is null && _sound.Count > MostSound) _sound.Dequeue().Free();
    }

    // ffmpeg keeps a track's last packet back until the next one, or the source's end: the chunk that it belongs to may be gone by then.
    private static void Add(OpenChunk chunk, SoundPacket packet)
    {
        if (chunk.Reaches(packet)) chunk.Add(packet);
        else chunk.DropLate(packet);
    }

    private void Finish(bool cutOff)
    {
        if (_video is null) return;
        _placing!.Flush(Place);
        if (_head.Count > 0) OpenHead();
        if (_chunk is null) return;
        var (end, isKnown) = (EndOfLast(), false);
        // Another track may last longer, and after a step of the clock the source's length is no time of it.
        var told = _timeline == 0 && _options.End is { } last ? _video.Tick.From(last) : long.MinValue;
        if (told > _chunk.Last && told <= end + (end - _chunk.Last) / 20) (end, isKnown) = (told, true);
        DrainSound(all: true);
        CompleteClosing();
        (_isFinishing, _isCutOff) = (true, cutOff);
        EndChunk(end, isKnown);
        CompleteClosing();
    }
}
