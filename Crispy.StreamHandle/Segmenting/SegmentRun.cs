using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>One ffmpeg of a stream, from its start to its end: reads its segment list, holds it back or ends it, and makes chunks.</summary>
internal sealed class SegmentRun(
    StreamOptions stream, StreamParts parts, ChunkSpooler spooler, SourceFacts? facts, bool finite, bool paced,
    Action<Func<StreamStatus, StreamStatus>> update, Action<IReadOnlyList<SpooledChunk>> publish)
{
    /// <summary>Segments that become chunks together at most.</summary>
    private const int MaxBatch = 16;

    /// <summary>How long a paced file's segment waits for a sign that it was the last; after it, latency counts more.</summary>
    private static readonly TimeSpan LastSegmentWait = TimeSpan.FromMilliseconds(100);

    /// <summary>How long ffmpeg may take to close its last segment.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly Channel<ClosedSegment> _closed = Channel.CreateBounded<ClosedSegment>(4096);
    private int _read;
    private int _spooled;
    private long _lastProgress;

    /// <summary>Segments closed so far.</summary>
    public int Segments => Volatile.Read(ref _read);

    /// <summary>Whether the run was ended because its live source gave nothing more.</summary>
    public bool Stalled { get; private set; }

    private int Pending => Volatile.Read(ref _read) - Volatile.Read(ref _spooled);

    /// <summary>Runs ffmpeg to its end; all of its closed segments are chunks then.</summary>
    /// <returns>Its exit code and the last lines of its standard error.</returns>
    public async Task<(int ExitCode, string Error)> RunAsync(CancellationToken stopping)
    {
        var began = parts.Clock.GetUtcNow();
        var name = Epoch.Name(began);
        var folder = Directory.CreateDirectory(Path.Combine(parts.Spool.Open(stream.Id), name)).FullName;
        var input = SourceInput.Of(stream, parts.Ffmpeg.DrawsText);
        var arguments = SegmenterCommand.Arguments(stream, input, facts, paced, live: !finite || paced);
        Touch();
        await using var segmenter = await Segmenter.StartAsync(parts.Ffmpeg, stream, arguments, input.Script, folder, parts.Clock, OnErrorLine, Touch);
        Log.SegmenterStarted(parts.Log, stream.Id, stream.Url, segmenter.ProcessId);
        update(status => status with { State = StreamState.Running, Error = null });

        // A finite source that gave no time of its own was filmed, as far as anyone knows, when reading began.
        var clock = new EpochClock(finite ? stream.StartTime ?? facts?.CreationTime ?? began : null, followsNothing: spooler.Journal.NextSequence == 0);
        using var ended = new CancellationTokenSource();
        var spooling = Task.Run(() => SpoolAsync(name, clock), CancellationToken.None);
        var watching = WatchAsync(segmenter, stopping, ended.Token);
        try
        {
            await ReadAsync(segmenter, stopping);
        }
        finally
        {
            _closed.Writer.TryComplete();
            await ended.CancelAsync();
            await watching;
        }
        var result = await segmenter.EndAsync();
        await spooling;
        update(status => status with { Pending = 0, Paused = false });
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        return result;
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
            if (held is not null && paced && !stopping.IsCancellationRequested && !await WithinAsync(next, LastSegmentWait)) held = await PassAsync(held);
            if (!await next) break;
            if (held is not null) await PassAsync(held);
            held = segments.Current;
            Touch();
            Interlocked.Increment(ref _read);
            if (finite) HoldBack(segmenter);
            if (!finite && !stopping.IsCancellationRequested) held = await PassAsync(held);
        }
        if (held is not null) await PassAsync(held with { IsLast = finite || stopping.IsCancellationRequested });
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

    private async Task SpoolAsync(string run, EpochClock clock)
    {
        var batch = new List<ClosedSegment>(MaxBatch);
        while (await _closed.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _closed.Reader.TryRead(out var segment)) batch.Add(segment);
            var chunks = spooler.Spool(batch, run, clock);
            Interlocked.Add(ref _spooled, batch.Count);
            parts.Gauge.Add(chunks.Sum(chunk => chunk.Manifest.Size));
            publish(chunks);
            update(status => status with { Pending = Pending });
        }
    }

    private async Task WatchAsync(Segmenter segmenter, CancellationToken stopping, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ended);
        while (!either.IsCancellationRequested)
        {
            if (finite) HoldBack(segmenter);
            else if (segmenter.IsPaused && parts.Clock.GetElapsedTime(Volatile.Read(ref _lastProgress)) > stream.StallTimeout) Stalled = true;
            if (Stalled) break;
            await Task.Delay(WatchInterval, parts.Clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (ended.IsCancellationRequested) return;
        segmenter.Stop();
        await Task.Delay(StopLimit, parts.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCancellationRequested) return;
        Log.SegmenterKilled(parts.Log, stream.Id, segmenter.ProcessId);
        segmenter.Kill();
    }

    // Between the two marks nothing changes, so that ffmpeg is not stopped and started for every chunk.
    private void HoldBack(Segmenter segmenter)
    {
        var spool = parts.SpoolOptions;
        if (parts.Gauge.Bytes >= spool.MaxBytes || Pending >= spool.MaxPendingSegments)
        {
            if (segmenter.Pause()) Log.HeldBack(parts.Log, stream.Id, parts.Gauge.Bytes, Pending);
        }
        else if (segmenter.IsPaused && parts.Gauge.Bytes < spool.MaxBytes * 0.8 && Pending <= spool.MaxPendingSegments / 2) segmenter.Resume();
        update(status => status with { Paused = segmenter.IsPaused });
    }

    private void OnErrorLine(string line) => Log.FfmpegLine(parts.Log, stream.Id, line);

    private void Touch() => Volatile.Write(ref _lastProgress, parts.Clock.GetTimestamp());
}
