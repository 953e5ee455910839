using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.Muxing.Cutting;
using Crispy.Muxing.Nut;
using Crispy.Muxing.Writing;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Supervising;

/// <summary>One ffmpeg of a stream, from its start to its end: cuts what it hands over, holds it back or ends it, and makes
/// chunks.</summary>
internal sealed class SegmentRun(
    StreamOptions stream, StreamParts parts, ChunkSpooler spooler, SourceFacts? facts, SourceProgress? source, SourceEnd end, bool paced,
    Action<Func<StreamStatus, StreamStatus>> update, Action<SpooledBatch> publish, Action opened) : IDisposable
{
    /// <summary>Segments that become chunks together at most.</summary>
    private const int MaxBatch = 16;

    /// <summary>How long ffmpeg may take to hand over what it has when it is asked to end. What came until then is kept in any
    /// case.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long a refusing disk is tried when the stream is to stop.</summary>
    private static readonly TimeSpan RefusedLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long ffmpeg may take to leave a read that waits.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly bool _finite = source is not null;
    private readonly Channel<ClosedSegment> _closed = Channel.CreateUnbounded<ClosedSegment>(new() { SingleReader = true });
    private readonly SteadyClock _steady = new(parts.Clock);
    private readonly Pace? _pace = paced && source is not null ? new(parts.Clock, source.Segments) : null;
    private readonly ManualResetEventSlim _mayRead = new(initialState: true);
    private readonly Lock _complaintLock = new();
    private readonly Queue<long> _complaints = new();
    private ClosedSegment? _last;
    private bool _hasPicture;
    private int _read;
    private int _spooled;
    private long _lastProgress;

    /// <summary>Segments closed so far.</summary>
    public int Segments => Volatile.Read(ref _read);

    /// <summary>Whether a finite source was left before all of it became chunks: its last segment then ends anywhere, and is read again,
    /// whole, at the next start.</summary>
    public bool Interrupted { get; private set; }

    /// <summary>Why the run was ended although its live source was still open; null when it was not.</summary>
    public string? Stall { get; private set; }

    /// <summary>Whether the run was ended because the spool is full.</summary>
    public bool OutOfRoom { get; private set; }

    /// <summary>Whether its file grew while it was read: what came last is read again, whole, by the next run.</summary>
    public bool Grew { get; private set; }

    /// <summary>From the first picture to the end of the last one, holes included; zero before the first segment closed.</summary>
    public TimeSpan Span { get; private set; }


    private int Pending => Volatile.Read(ref _read) - Volatile.Read(ref _spooled);

    /// <summary>Runs ffmpeg to its end; all of its closed segments are chunks then.</summary>
    /// <returns>Its exit code and the last lines of its standard error.</returns>
    /// <exception cref="IOException">The disk does not take a segment: what is written of it waits in <c>open/</c>.</exception>
    public async Task<(int ExitCode, string Error)> RunAsync(CancellationToken stopping)
    {
        var name = Epoch.Name(parts.Clock.GetUtcNow());
        var open = new OpenSegments(stream.Id, parts.Spool);
        var folder = open.Begin(name);
        spooler.Begin(name, source);
        var input = SourceInput.Of(stream, parts.Ffmpeg.DrawsText);
        var clock = new EpochClock(source?.FirstFrame, followsNothing: spooler.IsFirst);
        var options = SourceCut.Of(stream, facts, isLive: !_finite);
        var arguments = SegmenterCommand.Arguments(stream, input, facts, options.Times, live: !_finite || paced);
        Touch();
        (Segmenter, ChunkCutter)? reading = null;
        await using var segmenter = await Segmenter.StartAsync(parts.Ffmpeg, stream, arguments, input.Script, line => OnErrorLine(line, reading));
        Log.SegmenterStarted(parts.Log, stream.Id, stream.Url, segmenter.ProcessId);

        using var ended = new CancellationTokenSource();
        using var stopCutting = new CancellationTokenSource();
        var listener = new CutListener(OnClosed, arrival => OnArrived(arrival, clock), OnDiscarded);
        using var cutter = new ChunkCutter(segmenter.Packets, options, index => Path.Combine(folder, $"{index:D10}.{stream.Container}"), listener, parts.Clock)
        {
            Gate = position => WaitForTurn(position, stopCutting.Token),
        };
        reading = (segmenter, cutter);
        var spooling = Task.Run(() => SpoolAsync(clock, stopping), CancellationToken.None);
        var watching = WatchAsync(segmenter, cutter, stopCutting, stopping, ended.Token);
        (int ExitCode, string Error) result;
        try
        {
            result = await CutAsync(segmenter, cutter, stopCutting.Token);
            // Where someone ended it by force, the last segment ends anywhere.
            Interrupted |= _finite && Segmenter.WasKilled(result.ExitCode);
            if (_last is { } last && !Interrupted)
                Pass(last with { IsLast = _finite || stopping.IsCancellationRequested, IsDamaged = last.IsDamaged | TakeComplaints(long.MaxValue) });
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
        if (Interrupted) open.DropRun(name);
        else OpenSegments.DeleteEmpty(folder);
        return result;
    }

    // A thread of its own: it waits for packets most of the time.
    private async Task<(int ExitCode, string Error)> CutAsync(Segmenter segmenter, ChunkCutter cutter, CancellationToken stopCutting)
    {
        string? refusal = null;
        try
        {
            await Task.Factory.StartNew(() => cutter.Run(stopCutting), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception unfit) when (unfit is UnsupportedTrackException or NutException)
        {
            refusal = unfit.Message;
            segmenter.Kill();
        }
        Grew = _finite && !Interrupted && GrowingFile.HasGrown(stream, facts);
        Interrupted |= Grew;
        var (exitCode, error) = await segmenter.EndAsync();
        return refusal is null ? (exitCode, error) : (1, $"{error}\n[error] {refusal}");
    }

    private void OnClosed(CutChunk cut)
    {
        var segment = ClosedSegment.Of(cut, _steady.Now);
        Failpoint.Pass("segment-closed");
        Interlocked.Increment(ref _read);
        Span += cut.End - cut.Start + (cut.Seam is { Kind: SeamKind.Hole } hole ? hole.By : TimeSpan.Zero);
        if (_finite) HoldBack();
        // Whether its source ended with it is told by ffmpeg's exit code.
        if (cut.IsLast) _last = segment;
        else Pass(segment);
    }

    private void OnArrived(PictureArrival arrival, EpochClock clock)
    {
        Touch();
        if (!_finite) clock.Observe(arrival.Timeline, arrival.Position, _steady.At(arrival.At), arrival.Camera);
        if (Volatile.Read(ref _hasPicture)) return;
        Volatile.Write(ref _hasPicture, true);
        opened();
        update(status => status with { State = StreamState.Running, Error = null });
    }

    private void OnDiscarded()
    {
        Telemetry.Discarded(stream.Id);
        update(status => status with { Discarded = status.Discarded + 1 });
    }

    private void Pass(ClosedSegment segment)
    {
        _closed.Writer.TryWrite(segment);
        update(status => status with { Pending = Pending });
    }

    private void WaitForTurn(TimeSpan position, CancellationToken stopCutting)
    {
        if (!_mayRead.IsSet) WaitHandle.WaitAny([_mayRead.WaitHandle, stopCutting.WaitHandle]);
        if (_pace?.Early(position, Segments) is { } early && early > TimeSpan.Zero) stopCutting.WaitHandle.WaitOne(early);
    }

    private async Task SpoolAsync(EpochClock clock, CancellationToken stopping)
    {
        var batch = new List<ClosedSegment>(MaxBatch);
        while (await _closed.Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _closed.Reader.TryRead(out var segment))
                batch.Add(segment with { IsDamaged = segment.IsDamaged | TakeComplaints(segment.Cut!.LastByte) });
            if (await SpoolAsync(batch, clock, stopping) is not { } spooled)
            {
                Interrupted = _finite;
                return;
            }
            Interlocked.Add(ref _spooled, batch.Count);
            parts.Gauge.Add(stream.Id, spooled.Chunks.Sum(chunk => chunk.Manifest.Size));
            publish(spooled);
            update(status => status with { Pending = Pending });
        }
    }

    /// <summary>Tries until the disk takes the segments.</summary>
    /// <returns>Null when asked to stop meanwhile: they wait in <c>open/</c> for the next start.</returns>
    private async Task<SpooledBatch?> SpoolAsync(List<ClosedSegment> batch, EpochClock clock, CancellationToken stopping)
    {
        long? refused = null;
        while (true)
        {
            try
            {
                var dropped = !_finite && parts.Budget.LosesNewest(stream) ? LossReason.DroppedNewest : null;
                var spooled = spooler.Spool(batch, clock, dropped);
                if (refused is null) return spooled;
                Log.SpoolTakesAgain(parts.Log, stream.Id);
                update(status => status with { Error = null });
                return spooled;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                parts.Budget.Refused();
                if (refused is null) Log.SpoolRefused(parts.Log, stream.Id, failure.Message);
                refused ??= parts.Clock.GetTimestamp();
                update(status => status with { Error = $"the spool takes nothing more: {failure.Message}", LastError = new(parts.Clock.GetUtcNow(), failure.Message) });
                if (stopping.IsCancellationRequested && parts.Clock.GetElapsedTime(refused.Value) > RefusedLimit) return null;
                await Task.Delay(RefusedPause, parts.Clock, CancellationToken.None);
            }
        }
    }

    private async Task WatchAsync(Segmenter segmenter, ChunkCutter cutter, CancellationTokenSource stopCutting, CancellationToken stopping, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ended);
        while (!either.IsCancellationRequested)
        {
            if (_finite) HoldBack();
            else Stall = FindStall() ?? CloseOverdue(cutter);
            if (!_finite && stream.OnFull == OnFull.Stop && parts.Budget.IsOver(stream.Id)) OutOfRoom = true;
            if (Stall is not null || OutOfRoom) break;
            await Task.Delay(WatchInterval, parts.Clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (ended.IsCancellationRequested) return;
        Interrupted = _finite;
        if (_finite) await stopCutting.CancelAsync();
        else
        {
            segmenter.Stop();
            await Task.Delay(LoopLimit, parts.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            // A second signal ends what waits for the network, such as a playlist that brings nothing new.
            segmenter.Stop();
            await Task.Delay(StopLimit, parts.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            Log.SegmenterKilled(parts.Log, stream.Id, segmenter.ProcessId);
        }
        segmenter.Kill();
    }

    // A chunk whose disk refuses it is left as it is, and so is its source.
    private static string? CloseOverdue(ChunkCutter cutter)
    {
        try
        {
            cutter.CloseOverdue();
            return null;
        }
        catch (IOException refused)
        {
            return $"the spool takes nothing more: {refused.Message}";
        }
    }

    // Between the two marks nothing changes, so that ffmpeg is not stopped and started for every chunk.
    private void HoldBack()
    {
        if (!parts.Budget.Admits(stream.Id, parts.HasLive()) || Pending >= parts.SpoolOptions.MaxPendingSegments)
        {
            if (_mayRead.IsSet) Log.HeldBack(parts.Log, stream.Id, parts.Gauge.Bytes, Pending);
            _mayRead.Reset();
        }
        else if (!_mayRead.IsSet && parts.Budget.HasRoomAgain(stream.Id, parts.HasLive()) && Pending <= parts.SpoolOptions.MaxPendingSegments / 2) _mayRead.Set();
        update(status => status with { Paused = !_mayRead.IsSet });
    }

    private string? FindStall()
    {
        if (end.Reopen is { } reason) return reason;
        var silence = parts.Clock.GetElapsedTime(Volatile.Read(ref _lastProgress));
        if (!Volatile.Read(ref _hasPicture)) return silence > stream.KeyframeTimeout ? $"no keyframe for {stream.KeyframeTimeout.TotalSeconds} s after it was opened" : null;
        var limit = stream.StallTimeout + stream.Window;
        return silence > limit ? $"no picture for {limit.TotalSeconds} s" : null;
    }

    // A complaint is about what ffmpeg writes next.
    private void OnErrorLine(string line, (Segmenter Segmenter, ChunkCutter Cutter)? reading)
    {
        Log.FfmpegLine(parts.Log, stream.Id, line);
        var complaint = end.Heard(line);
        if (complaint == Complaint.Unknown)
        {
            Log.ComplaintUnknown(parts.Log, stream.Id, end.LastUnknown);
            update(status => status with { Complaints = status.Complaints + 1, LastComplaint = end.LastUnknown });
        }
        if (complaint is not (Complaint.Damage or Complaint.Missing)) return;
        lock (_complaintLock) _complaints.Enqueue(reading is { } now ? now.Cutter.Position + now.Segmenter.Unread : 0);
        Telemetry.Damaged(stream.Id);
        update(status => status with { Damages = status.Damages + 1 });
    }

    private bool TakeComplaints(long lastByte)
    {
        var any = false;
        lock (_complaintLock)
        {
            for (; _complaints.TryPeek(out var at) && at < lastByte; any = true) _complaints.Dequeue();
        }
        return any;
    }

    /// <inheritdoc />
    public void Dispose() => _mayRead.Dispose();

    private void Touch() => Volatile.Write(ref _lastProgress, parts.Clock.GetTimestamp());
}
