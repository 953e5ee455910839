using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Crispy.Contracts;
using Crispy.Muxing.Cutting;
using Crispy.Muxing.Nut;
using Crispy.Muxing.Writing;
using Crispy.Spool;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Recording;

/// <summary>One ffmpeg of a stream, from its start to its end: cuts what it hands over, and makes chunks. For one run.</summary>
internal sealed class SegmentRun : IDisposable
{
    private readonly RunOrder _order;
    private readonly Ffmpeg _ffmpeg;
    private readonly ChunkSpooler _spooler;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Channel<Found> _found = Channel.CreateUnbounded<Found>(new() { SingleReader = true });
    private readonly Lock _holding = new();
    private readonly SteadyClock _steady;
    private readonly Brake _brake;
    private readonly StreamRoom _room;
    private readonly SegmentIntake _intake;
    private readonly RunWatch _watch;
    private readonly Hearing _hearing;
    private ClosedSegment? _last;
    private TimeSpan _span;
    private bool _hasGrown;
    private bool _wasKilled;

    /// <summary>A run that did not begin yet.</summary>
    public SegmentRun(RunOrder order, Ffmpeg ffmpeg, ChunkSpooler spooler, StreamRoom room, TimeProvider clock, ILogger log)
    {
        (_order, _ffmpeg, _spooler, _room, _clock, _log, _steady) = (order, ffmpeg, spooler, room, clock, log, new(clock));
        _brake = new(room, order is { IsPaced: true, Progress: { } progress } ? new(clock, progress.Segments) : null);
        _intake = new(order, spooler, room, _found.Writer, clock, log);
        _watch = new(order, room, clock, log);
        _hearing = new(order, _intake.Complaints, _found.Writer, log);
    }

    private bool IsInterrupted => _order.IsFinite && (_watch.HasEnded || _intake.HasGivenUp || _hasGrown || _wasKilled);

    /// <summary>Runs ffmpeg to its end. When its <see cref="Found.RunOver"/> is yielded, all of its closed segments are chunks.</summary>
    /// <exception cref="IOException">The disk does not take a segment: what is written of it waits in <c>open/</c>.</exception>
    public async IAsyncEnumerable<Found> RunAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var reading = Task.Run(() => ReadAsync(left.Token), CancellationToken.None);
        try
        {
            await foreach (var each in _found.Reader.ReadAllAsync(CancellationToken.None)) yield return each;
        }
        finally
        {
            // A reader that leaves early ends it; else it is over.
            await left.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        yield return new Found.RunOver(await reading);
    }

    /// <inheritdoc />
    public void Dispose() => _brake.Dispose();

    private async Task<RunResult> ReadAsync(CancellationToken stopping)
    {
        try
        {
            var name = Epoch.Name(_clock.GetUtcNow());
            var open = _spooler.Open;
            var folder = open.Begin(name);
            _spooler.Begin(name, _order.Progress);
            // No matter what a run before it left said.
            if (_order.IsFinite) Yield(new Found.Held(false));
            var result = await ReadAsync(folder, stopping);
            Yield(new Found.Pending(0));
            Yield(new Found.Held(false));
            // Read ahead of what is a chunk: not recorded yet, and read again.
            if (IsInterrupted) open.DropRun(name);
            else OpenSegments.DeleteEmpty(folder);
            return new(result.ExitCode, result.Error, _intake.Closed, _span)
            {
                IsInterrupted = IsInterrupted, Stall = _watch.Stall, IsOutOfRoom = _watch.IsOutOfRoom, HasGrown = _hasGrown,
                WasKilled = _wasKilled,
            };
        }
        finally
        {
            _found.Writer.TryComplete();
        }
    }

    /// <returns>ffmpeg's exit code and the last lines of its standard error.</returns>
    private async Task<(int ExitCode, string Error)> ReadAsync(string folder, CancellationToken stopping)
    {
        var stream = _order.Stream;
        var input = SourceInput.Of(stream, _ffmpeg.DrawsText);
        var epochs = new EpochClock(_order.Progress?.FirstFrame, followsNothing: _spooler.IsFirst);
        var options = SourceCut.Of(stream, _order.Facts, isLive: !_order.IsFinite);
        var arguments = SegmenterCommand.Arguments(stream, input, _order.Facts, options.Times, live: !_order.IsFinite || _order.IsPaced);
        _watch.Begin();
        (Segmenter, ChunkCutter)? reading = null;
        await using var segmenter =
            await Segmenter.StartAsync(_ffmpeg, stream, arguments, input.Script, line => _hearing.Hear(line, () => Written(reading)));
        Log.SegmenterStarted(_log, stream.Id, stream.Url, segmenter.ProcessId);

        using var ended = new CancellationTokenSource();
        using var stopCutting = new CancellationTokenSource();
        var listener = new CutListener(OnClosed, arrival => OnArrived(arrival, epochs), () => Yield(new Found.Discarded()));
        string SegmentPath(int index) => Path.Combine(folder, $"{index:D10}.{stream.Container}");
        using var cutter = new ChunkCutter(segmenter.Packets, options, SegmentPath, listener, _clock)
        {
            Gate = position => _brake.Wait(position, _intake.Closed, stopCutting.Token),
        };
        reading = (segmenter, cutter);
        var spooling = Task.Run(() => _intake.RunAsync(epochs, stopping), CancellationToken.None);
        var watching = _watch.WatchAsync(segmenter, cutter, HoldBack, stopCutting, stopping, ended.Token);
        try
        {
            var result = await CutAsync(segmenter, cutter, stopCutting.Token);
            TakeLast(stopping);
            return result;
        }
        finally
        {
            segmenter.Kill();
            _intake.End();
            await ended.CancelAsync();
            await watching;
            await spooling;
        }
    }

    private void TakeLast(CancellationToken stopping)
    {
        if (_last is not { } last || IsInterrupted) return;
        var isDamaged = last.IsDamaged | _intake.Complaints.TakeBefore(long.MaxValue);
        _intake.Take(last with { IsLast = _order.IsFinite || stopping.IsCancellationRequested, IsDamaged = isDamaged });
    }

    // Bytes that ffmpeg has written.
    private static long Written((Segmenter Segmenter, ChunkCutter Cutter)? reading) =>
        reading is { } now ? now.Cutter.Position + now.Segmenter.Unread : 0;

    // A thread of its own: it waits for packets most of the time.
    private async Task<(int ExitCode, string Error)> CutAsync(Segmenter segmenter, ChunkCutter cutter, CancellationToken stopCutting)
    {
        var whole = false;
        string? refusal = null;
        try
        {
            whole = await Task.Factory.StartNew(
                () => cutter.Run(stopCutting), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception unfit) when (unfit is UnsupportedTrackException or NutException)
        {
            refusal = unfit.Message;
            segmenter.Kill();
        }
        _hasGrown = _order.IsFinite && !IsInterrupted && GrowingFile.HasGrown(_order.Stream, _order.Facts);
        var (exitCode, error) = await segmenter.EndAsync();
        if (refusal is not null) return (1, $"{error}\n[error] {refusal}");
        // Where someone ended it by force, the last segments end anywhere.
        _wasKilled = Segmenter.WasKilled(exitCode, error);
        if (!IsInterrupted) cutter.Finish(cutOff: !whole);
        return (exitCode, error);
    }

    private void Yield(Found found) => _found.Writer.TryWrite(found);

    private void OnClosed(CutChunk cut)
    {
        var segment = ClosedSegment.Of(cut, _steady.Now);
        Failpoint.Pass("segment-closed");
        _intake.Count();
        _span += cut.End - cut.Start + (cut.Seam is { Kind: SeamKind.Hole } hole ? hole.By : TimeSpan.Zero);
        if (_order.IsFinite) HoldBack();
        // Whether its source ended with it is told by ffmpeg's exit code.
        if (cut.IsLast) _last = segment;
        else _intake.Take(segment);
    }

    private void OnArrived(PictureArrival arrival, EpochClock epochs)
    {
        if (!_order.IsFinite) epochs.Observe(arrival.Timeline, arrival.Position, _steady.At(arrival.At), arrival.Camera);
        if (_watch.See()) Yield(new Found.Picture());
    }

    // Two threads look: what they tell must come in the order in which it is so.
    private void HoldBack()
    {
        lock (_holding)
        {
            var pending = _intake.Pending;
            if (!_brake.Look(pending)) return;
            if (_brake.IsHeld) Log.HeldBack(_log, _order.Stream.Id, _room.Bytes, pending);
            Yield(new Found.Held(_brake.IsHeld));
        }
    }
}
