using System.Threading.Channels;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>One ffmpeg of a stream, from its start to its end: cuts what it hands over, holds it back or ends it, and makes chunks.</summary>
internal sealed class SegmentRun(
    StreamOptions stream, StreamParts parts, ChunkSpooler spooler, SourceFacts? facts, SourceProgress? source, bool paced,
    Action<Func<StreamStatus, StreamStatus>> update, Action<SpooledBatch> publish, Action opened)
{
    /// <summary>Segments that become chunks together at most.</summary>
    private const int MaxBatch = 16;

    /// <summary>How long ffmpeg may take to hand over what it has when it is asked to end. What came until then is kept in any case.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long a refusing disk is tried when the stream is to stop.</summary>
    private static readonly TimeSpan RefusedLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly bool _finite = source is not null;
    private readonly Channel<ClosedSegment> _closed = Channel.CreateUnbounded<ClosedSegment>(new() { SingleReader = true });
    private readonly SteadyClock _steady = new(parts.Clock);
    private readonly Pace? _pace = paced && source is not null ? new(parts.Clock, source.Segments) : null;
    private readonly ManualResetEventSlim _mayRead = new(initialState: true);
    private readonly Lock _complaintLock = new();
    private readonly Queue<long> _complaints = new();
    private EpochClock? _clock;
    private ClosedSegment? _last;
    private bool _hasPicture;
    private int _read;
    private int _spooled;
    private long _lastProgress;

    /// <summary>Segments closed so far.</summary>
    public int Segments => Volatile.Read(ref _read);

    /// <summary>Whether a finite source was left before all of it became chunks: its last segment then ends anywhere, and is read again, whole, at the next start.</summary>
    public bool Interrupted { get; private set; }

    /// <summary>Why the run was ended although its live source was still open; null when it was not.</summary>
    public string? Stall { get; private set; }

    /// <summary>Whether the run was ended because the spool is full.</summary>
    public bool OutOfRoom { get; private set; }

    /// <summary>When the last picture that came is shown, on the source's timeline; null before the first.</summary>
    public TimeSpan? Reached { get; private set; }

    private int Pending => Volatile.Read(ref _read) - Volatile.Read(ref _spooled);

    /// <summary>Runs ffmpeg to its end; all of its closed segments are chunks then.</summary>
    /// <returns>Its exit code and the last lines of its standard error.</returns>
    /// <exception cref="IOException">The disk does not take a segment: what is written of it waits in <c>open/</c>.</exception>
    /// <exception cref="SourceException">What the source holds cannot be recorded.</exception>
    public async Task<(int ExitCode, string Error)> RunAsync(CancellationToken stopping)
    {
        var began = parts.Clock.GetUtcNow();
        var name = Epoch.Name(began);
        var folder = Directory.CreateDirectory(Path.Combine(parts.Spool.Open(stream.Id), name)).FullName;
        spooler.Begin(name, source);
        var input = SourceInput.Of(stream, parts.Ffmpeg.DrawsText);
        _clock = new EpochClock(source?.FirstFrame, followsNothing: spooler.IsFirst);
        var options = CutOptionsOf.Source(stream, facts, isLive: !_finite);
        var arguments = SegmenterCommand.Arguments(stream, input, facts, options.Times, paced && _pace is null, live: !_finite || paced);
        Touch();
        var complaints = new Complaints();
        await using var segmenter = await Segmenter.StartAsync(parts.Ffmpeg, stream, arguments, input.Script, complaints.Tell);
        Log.SegmenterStarted(parts.Log, stream.Id, stream.Url, segmenter.ProcessId);

        using var ended = new CancellationTokenSource();
        using var stopCutting = new CancellationTokenSource();
        using var cutter = new ChunkCutter(segmenter.Packets, options, index => Path.Combine(folder, $"{index:D8}.{stream.Container}"), new(OnClosed, OnArrived, OnDiscarded), parts.Clock)
        {
            Gate = position => WaitForTurn(position, stopCutting.Token),
        };
        complaints.Begin(line => OnErrorLine(line, cutter.Position + segmenter.Unread));
        var spooling = Task.Run(() => SpoolAsync(_clock, stopping), CancellationToken.None);
        var watching = WatchAsync(segmenter, cutter, stopCutting, stopping, ended.Token);
        (int ExitCode, string Error) result;
        try
        {
            // A thread of its own: it waits for packets most of the time.
            await Task.Factory.StartNew(() => cutter.Run(stopCutting.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Reached = cutter.Reached;
            result = await segmenter.EndAsync();
            if (_last is { } last && !Interrupted) Pass(last with { IsLast = _finite ? !Segmenter.WasKilled(result.ExitCode) : stopping.IsCancellationRequested });
        }
        finally
        {
            segmenter.Kill();
            _closed.Writer.TryComplete();
            await ended.CancelAsync();
            await watching;
            await spooling;
        }
        update(status => status with { Pending = 0, Paused = false });
        // Read ahead of what is a chunk: not recorded yet, and read again.
        if (Interrupted) Directory.Delete(folder, recursive: true);
        else if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        return result;
    }
