using Crispy.Muxing.Bitstreams;
using Crispy.Muxing.Nut;
using Crispy.Muxing.Writing;

namespace Crispy.Muxing.Cutting;

/// <summary>
/// Cuts a source into chunks and writes them. Each picture and each packet of sound is in exactly one chunk, at the time that the source
/// gives it. A chunk ends at the first keyframe at or after its
/// window, and where the source's clock or its codec's parameters change. It ends when the next one begins, to the source's tick.
/// </summary>
public sealed class ChunkCutter : IDisposable
{
    private readonly CutOptions _options;
    private readonly Func<int, string> _path;
    private readonly CutListener _listener;
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly Lock _lock = new();
    private readonly NutReader _nut;
    private readonly NutPacket _packet = new();
    private SourceTracks? _tracks;
    private Arrivals? _arrivals;
    private Timelines? _timelines;
    private PictureReader? _pictures;
    private PictureTimes? _placing;
    private SoundQueue? _sound;
    private ChunkAssembly? _assembly;

    /// <summary>A cutter of what ffmpeg hands over.</summary>
    /// <param name="nut">ffmpeg's standard output (<see cref="Carrier"/>).</param>
    /// <param name="options">How to cut.</param>
    /// <param name="path">The file of the chunk with a number, which counts from 0.</param>
    /// <param name="listener">What is told.</param>
    /// <param name="clock">The clock.</param>
    public ChunkCutter(Stream nut, CutOptions options, Func<int, string> path, CutListener listener, TimeProvider clock)
    {
        (_options, _path, _listener, _clock, _nut) = (options, path, listener, clock, new(nut));
        _began = clock.GetTimestamp();
    }

    /// <summary>Bytes of ffmpeg's output read so far. For any thread.</summary>
    public long Position => _nut.Position;

    /// <summary>When the last picture that came is shown, on the source's timeline; null before the first.</summary>
    public TimeSpan? Reached => _timelines?.Reached;

    /// <summary>Called before each packet: blocks for as long as the source must be held back.</summary>
    public Action<TimeSpan> Gate { get; init; } = _ => { };

    /// <summary>Reads to the end, or until asked to stop. Blocks. Chunks stay open whose last pictures or sound may be still to come:
    /// <see cref="Finish"/> completes them.</summary>
    /// <param name="stopping">Ends the reading before the next packet.</param>
    /// <returns>Whether the source ended between two packets.</returns>
    /// <exception cref="NutException">ffmpeg writes what this code does not know.</exception>
    /// <exception cref="UnsupportedTrackException">The container cannot hold a track.</exception>
    /// <exception cref="IOException">The disk does not take a chunk: its file stays as far as it was written.</exception>
    public bool Run(CancellationToken stopping)
    {
        try
        {
            if (!_nut.ReadHeaders()) return true;
            lock (_lock) Begin();
            while (!stopping.IsCancellationRequested && _nut.TryRead(_packet))
            {
                Gate(Reached ?? TimeSpan.Zero);
                lock (_lock) Take();
            }
            return true;
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Completes what is open after the reading. Not for a source that is read again from its beginning. Where it was left, a
    /// chunk may lack sound that comes after the next chunk's first pictures.</summary>
    /// <param name="cutOff">Whether the source broke off within a packet.</param>
    /// <exception cref="IOException">The disk does not take a chunk: its file stays as far as it was written.</exception>
    public void Finish(bool cutOff)
    {
        lock (_lock)
        {
            if (_assembly is null) return;
            _placing!.Flush(_assembly.Place);
            _assembly.Finish(cutOff);
        }
    }

    /// <summary>Closes the chunk of a live source from which no picture has come for longer than a window. For any thread.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void CloseOverdue()
    {
        if (!_options.IsLive) return;
        lock (_lock) _assembly?.CloseOverdue(_arrivals!.Silence);
    }

    /// <summary>Leaves an open chunk's file as far as it was written.</summary>
    public void Dispose()
    {
        _assembly?.Dispose();
        _sound?.Free();
    }

    private void Begin()
    {
        _tracks = SourceTracks.Among(_nut.Streams, _options);
        var (video, tick) = (_tracks.Video, _tracks.Video.Tick);
        var bitstream = VideoBitstream.Of(video.Codec, _tracks.Extradata);
        var times = new SourceTimes(tick, _options.IsEncoded, _options.SourceTick, _options.WrapBits);
        var steps = new PictureSteps(tick, _options.DeclaredFrame, bitstream);
        var stepBack = new StepBack(video.Codec);
        _arrivals = new(_clock, _began, tick);
        _timelines = new(_options, tick, stepBack, times, _arrivals, _listener.Arrived);
        _pictures = new(_options, bitstream, times, steps, _arrivals, _listener.Discarded);
        _placing = new(stepBack.Reorders, steps.Declared(1));
        var soundTimes = _tracks.Audio is { } audio ? new SoundTimes(audio.Tick, _options.SoundTick, times, tick) : null;
        _sound = new(_tracks.Audio, soundTimes, tick, _options.IsLive);
        var chunks = new OpenChunks(_options, video, _sound, steps, _nut, _listener.Closed);
        var seams = new SeamFinder(_options.IsLive, tick, stepBack, _arrivals, steps, chunks);
        var head = new ChunkHead(chunks, _sound, stepBack.Reorders);
        var opener = new ChunkOpener(_options, _path, video, bitstream, _sound, _timelines);
        _assembly = new(_timelines, seams, new(_options, tick, head, chunks), head, chunks, opener);
    }

    private void Take()
    {
        if (_packet.Stream == _tracks!.VideoStream) TakeVideo();
        else if (_packet.Stream == _tracks.AudioStream) TakeSound();
    }

    private void TakeVideo()
    {
        if (_pictures!.Take(_packet, _nut.Position - _packet.Length) is not var (picture, kind)) return;
        if (_options.Times == TimeBasis.Arrival) _assembly!.Place(picture);
        else _placing!.Take(picture, kind, _assembly!.Place);
    }

    private void TakeSound()
    {
        _sound!.Take(_packet, Reached);
        _assembly!.DrainSound();
    }
}
