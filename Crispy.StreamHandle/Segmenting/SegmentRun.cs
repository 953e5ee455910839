using System.Threading.Channels;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>One ffmpeg of a stream, from its start to its end: reads its segment list, holds it back or ends it, and makes chunks.</summary>
internal sealed class SegmentRun(
    StreamOptions stream, StreamParts parts, ChunkSpooler spooler, SourceFacts? facts, SourceProgress? source, SourceEnd end, bool paced, bool tapped,
    Action<Func<StreamStatus, StreamStatus>> update, Action<SpooledBatch> publish, Action opened)
{
    /// <summary>Segments that become chunks together at most.</summary>
    private const int MaxBatch = 16;

    /// <summary>How long a paced file's segment waits for a sign that it was the last; after it, latency counts more.</summary>
    private static readonly TimeSpan LastSegmentWait = TimeSpan.FromMilliseconds(100);

    /// <summary>How long ffmpeg may take to close its last segment.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long ffmpeg may take to leave a read that waits.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly bool _finite = source is not null;
    private readonly Channel<ClosedSegment> _closed = Channel.CreateBounded<ClosedSegment>(4096);
    private readonly SteadyClock _steady = new(parts.Clock);
    private readonly Pace? _pace = paced && source?.Segments is > 0 and var passed ? new(parts.Clock, passed) : null;
    private int _damages;
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

    /// <summary>Whether its file grew while it was read: what came last is read again, whole, by the next run.</summary>
    public bool Grew { get; private set; }

    /// <summary>From the first picture to the end of the last one; zero before the first segment closed.</summary>
    public TimeSpan Span { get; private set; }

    private int Pending => Volatile.Read(ref _read) - Volatile.Read(ref _spooled);

    /// <summary>Segments that the pace keeps back.</summary>
    private int Ahead => _pace is null ? 0 : Volatile.Read(ref _read) - Math.Max(Volatile.Read(ref _spooled), _pace.Passed);

    /// <summary>Runs ffmpeg to its end; all of its closed segments are chunks then.</summary>
    /// <returns>Its exit code and the last lines of its standard error.</returns>
    public async Task<(int ExitCode, string Error)> RunAsync(CancellationToken stopping)
    {
        var began = parts.Clock.GetUtcNow();
        var name = Epoch.Name(began);
        var folder = Directory.CreateDirectory(Path.Combine(parts.Spool.Open(stream.Id), name)).FullName;
        spooler.Begin(name, source);
        var input = SourceInput.Of(stream, parts.Ffmpeg.DrawsText);
        var clock = new EpochClock(source?.FirstFrame, followsNothing: spooler.IsFirst);
        using var tap = tapped ? new KeyframeTap(_steady, clock.Observe, OnDiscarded) : null;
        // ffmpeg paces from the first packet on; what is passed over need not be waited for.
        var arguments = SegmenterCommand.Arguments(stream, input, facts, paced && _pace is null, live: !_finite || paced, tap);
        Touch();
        await using var segmenter = await Segmenter.StartAsync(parts.Ffmpeg, stream, arguments, input.Script, folder, _steady, OnErrorLine, OnProgress);
        Log.SegmenterStarted(parts.Log, stream.Id, stream.Url, segmenter.ProcessId);

        using var ended = new CancellationTokenSource();
        var spooling = Task.Run(() => SpoolAsync(clock, stopping), CancellationToken.None);
        var watching = WatchAsync(segmenter, stopping, ended.Token);
        var tapping = tap?.RunAsync(ended.Token) ?? Task.CompletedTask;
        try
        {
            await ReadAsync(segmenter, stopping);
        }
        finally
        {
            _closed.Writer.TryComplete();
            await ended.CancelAsync();
            await Task.WhenAll(watching, tapping);
        }
        var result = await segmenter.EndAsync();
        await spooling;
        update(status => status with { Pending = 0, Paused = false });
        if (!Segmenter.WasKilled(result.ExitCode) && !FfmpegErrors.IsRefusalOfDisk(result.Error)) DeleteUnbegun(folder);
        // Read ahead of the time at which a camera would have sent it: not recorded yet, and read again.
        if ((_pace is not null && Interrupted) || Grew) Directory.Delete(folder, recursive: true);
        else if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        return result;
    }

    // ffmpeg makes a segment's file before it has the first packet. One that ended by itself, or as it was asked to, leaves an empty one where none came: nothing was captured, so nothing is lost.
    private static void DeleteUnbegun(string folder)
    {
        foreach (var path in ChunkFiles.VideosIn(folder).Where(path => new FileInfo(path).Length == 0)) File.Delete(path);
    }

    // The last chunk is flagged, so each segment of a finite source waits until the next one, or the end, is seen. A live source is
    // never held back, except once it is to stop, when only its last segment or two are still to come.
    private async Task ReadAsync(Segmenter segmenter, CancellationToken stopping)
    {
        ClosedSegment? held = null;
        await using var segments = segmenter.ReadAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            var next = segments.MoveNextAsync().AsTask();
            if (held is not null && paced && _pace is null && !stopping.IsCancellationRequested && !await WithinAsync(next, LastSegmentWait)) held = await PassAsync(held);
            if (!await next) break;
            if (held is not null) await PassAsync(held);
            Span = segments.Current.End;
            held = segments.Current with { IsDamaged = Interlocked.Exchange(ref _damages, 0) > 0 };
            OnProgress();
            Failpoint.Pass("segment-closed");
            Interlocked.Increment(ref _read);
            if (_finite) HoldBack(segmenter);
            if (!_finite && !stopping.IsCancellationRequested) held = await PassAsync(held);
        }
        Grew = _finite && !stopping.IsCancellationRequested && SourceGrowth.HasGrown(stream, facts);
        Interrupted |= Grew;
        if (held is null || Interrupted) return;
        var (exitCode, _) = await segmenter.EndAsync();
        // A file is read faster than the complaints about it: those that no segment has taken yet are the last one's.
        var damaged = held.IsDamaged || Interlocked.Exchange(ref _damages, 0) > 0;
        await PassAsync(held with { IsLast = _finite ? !Segmenter.WasKilled(exitCode) : stopping.IsCancellationRequested, IsDamaged = damaged });
    }

    private async Task<ClosedSegment?> PassAsync(ClosedSegment segment)
    {
        await _closed.Writer.WriteAsync(segment);
        update(status => status with { Pending = Pending });
        return null;
    }

    private async Task<bool> WithinAsync(Task task, TimeSpan limit)
    {
        using var passed = new CancellationTokenSource();
        var first = await Task.WhenAny(task, Task.Delay(limit, parts.Clock, passed.Token));
        await passed.CancelAsync();
        return first == task;
    }

    private async Task SpoolAsync(EpochClock clock, CancellationToken stopping)
    {
        var batch = new List<ClosedSegment>(MaxBatch);
        while (await _closed.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (!await TakeAsync(batch, stopping) || await SpoolAsync(batch, clock, stopping) is not { } spooled)
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

    /// <summary>Takes the segments that are there and due, at least one.</summary>
    /// <returns>False when asked to stop before the first was due.</returns>
    private async Task<bool> TakeAsync(List<ClosedSegment> batch, CancellationToken stopping)
    {
        batch.Clear();
        while (batch.Count < MaxBatch && _closed.Reader.TryPeek(out var segment))
        {
            if (_pace?.Early(segment) is { } early && early > TimeSpan.Zero)
            {
                if (batch.Count > 0) break;
                await Task.Delay(early, parts.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stopping.IsCancellationRequested) return false;
                segment = segment with { ClosedAt = _steady.Now };
            }
            batch.Add(segment);
            _closed.Reader.TryRead(out _);
        }
        return true;
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
                var dropped = !_finite && stream.OnFull == OnFull.DropNewest && parts.Budget.IsOver(stream.Id) ? LossReason.DroppedNewest : null;
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
                if (stopping.IsCancellationRequested && parts.Clock.GetElapsedTime(refused.Value) > StopLimit) return null;
                await Task.Delay(RefusedPause, parts.Clock, CancellationToken.None);
            }
        }
    }

    private async Task WatchAsync(Segmenter segmenter, CancellationToken stopping, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ended);
        while (!either.IsCancellationRequested)
        {
            if (_finite) HoldBack(segmenter);
            else Stall = FindStall();
            if (!_finite && stream.OnFull == OnFull.Stop && parts.Budget.IsOver(stream.Id)) OutOfRoom = true;
            if (Stall is not null || OutOfRoom) break;
            await Task.Delay(WatchInterval, parts.Clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (ended.IsCancellationRequested) return;
        Interrupted = _finite;
        segmenter.Stop();
        await Task.Delay(LoopLimit, parts.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return;
        // A second signal ends what waits for the network, such as a playlist that brings nothing new; what was read is still closed.
        segmenter.Stop();
        await Task.Delay(StopLimit, parts.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return;
        Log.SegmenterKilled(parts.Log, stream.Id, segmenter.ProcessId);
        segmenter.Kill();
    }

    // Between the two marks nothing changes, so that ffmpeg is not stopped and started for every chunk.
    private void HoldBack(Segmenter segmenter)
    {
        if (Ahead >= Pace.MostAhead) segmenter.Pause();
        else if (!parts.Budget.Admits(stream.Id, parts.HasLive()) || Pending >= parts.SpoolOptions.MaxPendingSegments)
        {
            if (segmenter.Pause()) Log.HeldBack(parts.Log, stream.Id, parts.Gauge.Bytes, Pending);
        }
        else if (segmenter.IsPaused && parts.Budget.HasRoomAgain(stream.Id, parts.HasLive()) && Pending <= parts.SpoolOptions.MaxPendingSegments / 2) segmenter.Resume();
        update(status => status with { Paused = segmenter.IsPaused && Ahead < Pace.MostAhead });
    }

    private string? FindStall()
    {
        if (end.Reopen is { } reason) return reason;
        var silence = parts.Clock.GetElapsedTime(Volatile.Read(ref _lastProgress));
        if (!Volatile.Read(ref _hasPicture)) return silence > stream.KeyframeTimeout ? $"no keyframe for {stream.KeyframeTimeout.TotalSeconds} s after it was opened" : null;
        var limit = stream.StallTimeout + stream.Window;
        return silence > limit ? $"no picture for {limit.TotalSeconds} s" : null;
    }

    // The segment that is open now is named by the next line of the list.
    private void OnErrorLine(string line)
    {
        Log.FfmpegLine(parts.Log, stream.Id, line);
        var complaint = end.Heard(line);
        if (complaint == Complaint.Unknown)
        {
            Log.ComplaintUnknown(parts.Log, stream.Id, end.LastUnknown);
            update(status => status with { Complaints = status.Complaints + 1, LastComplaint = end.LastUnknown });
        }
        if (complaint is not (Complaint.Damage or Complaint.Missing)) return;
        Interlocked.Increment(ref _damages);
        Telemetry.Damaged(stream.Id);
        update(status => status with { Damages = status.Damages + 1 });
    }

    private void OnDiscarded()
    {
        Telemetry.Discarded(stream.Id);
        update(status => status with { Discarded = status.Discarded + 1 });
    }

    private void OnProgress()
    {
        Touch();
        if (Volatile.Read(ref _hasPicture)) return;
        Volatile.Write(ref _hasPicture, true);
        opened();
        update(status => status with { State = StreamState.Running, Error = null });
    }

    private void Touch() => Volatile.Write(ref _lastProgress, parts.Clock.GetTimestamp());
}
