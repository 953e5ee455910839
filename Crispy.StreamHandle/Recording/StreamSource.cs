using System.Runtime.CompilerServices;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Recording;

/// <summary>A stream's own source: looks at it, reads it by one ffmpeg at a time, and judges how each ended. Remembers what it must be
/// spared.</summary>
internal sealed class StreamSource : ISource
{
    private readonly StreamOptions _stream;
    private readonly StreamSpool _spool;
    private readonly Opening _opening;
    private readonly StreamRoom _room;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly SourceLook _look;
    private readonly SpoolRecovery _recovery;
    private FileStream? _folder;
    private ChunkSpooler? _spooler;
    private Fallback _fallback;
    private SourceEnd? _reopened;

    /// <summary>A source that was not opened yet.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="spool">Its part of the spool.</param>
    /// <param name="opening">What opening it takes.</param>
    /// <param name="room">Where its chunks go, and how many of them may.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    public StreamSource(StreamOptions stream, StreamSpool spool, Opening opening, StreamRoom room, TimeProvider clock, ILogger log)
    {
        (_stream, _spool, _opening, _room, _clock, _log, _fallback) = (stream, spool, opening, room, clock, log, Fallback.None(stream));
        (_look, _recovery) = (new(stream, opening), new(stream, spool, room.Spool.Layout, opening.Ffmpeg, log));
    }

    private ChunkSpooler Spooler => _spooler ?? throw new InvalidOperationException($"the spool of '{_stream.Id}' is not recovered yet");

    /// <inheritdoc />
    public async IAsyncEnumerable<Found> RecoverAsync(bool isReadAgain, bool mayBeLast)
    {
        _folder ??= _spool.Lock();
        yield return _recovery.Recover();
        _spooler = new(_stream, _spool, _room.Spool.Options.Name, _room.Spool.Signer, _clock, _log);
        // A finite source is read again from its beginning, unless nobody will ever read it again.
        var reread = isReadAgain && Spooler.Journal is { Source: not null, Run: { } run } ? run : null;
        await foreach (var each in _recovery.RecoverOpenAsync(Spooler, gapReason: null, except: reread, mayBeLast)) yield return each;
    }

    /// <inheritdoc />
    public void Take(LeaseGrant? grant) => Spooler.Take(grant);

    /// <inheritdoc />
    public async IAsyncEnumerable<Found> OpenAsync(string? gapReason, [EnumeratorCancellation] CancellationToken stopping)
    {
        using var turn = await _opening.Connects.BeginAsync(stopping);
        var (facts, failure) = await LookAsync(stopping);
        yield return new Found.Kind(_look.IsFinite);
        if (failure is not null)
        {
            turn.Dispose();
            await foreach (var each in GiveUpAsync(failure, gapReason)) yield return each;
            yield break;
        }
        if (_look.IsFinite) gapReason = null;
        var identity = SourceIdentity.Of(_stream, facts);
        var known = _look.IsFinite ? Known(identity, facts) : null;
        if (known is not null) PassOver(known);
        else await foreach (var each in _recovery.RecoverOpenAsync(Spooler, gapReason)) yield return each;
        if (known is { IsComplete: true })
        {
            Log.SourceReadBefore(_log, _stream.Id);
            yield return new Found.End(new Ending.ReadBefore());
            yield break;
        }
        // A finite source that gives no time of its own was filmed, as far as anyone knows, when reading began.
        var progress = _look.IsFinite ? known ?? new(identity, _stream.StartTime ?? facts?.CreationTime ?? _clock.GetUtcNow()) : null;
        var stream = _fallback.Apply(_stream) with { PlaylistStart = _reopened?.StartIn(facts?.Http?.Playlist) };
        var order = new RunOrder(stream, facts, progress, new(_stream.Url, facts, _stream.EveryNthFrame), _look.IsPaced, gapReason);
        using var run = new SegmentRun(order, _opening.Ffmpeg, Spooler, _room, _clock, _log);
        var began = _clock.GetTimestamp();
        RunResult? result = null;
        await foreach (var each in run.RunAsync(stopping))
        {
            if (each is Found.Picture) turn.Dispose();
            if (each is Found.RunOver over) result = over.Result;
            else yield return each;
        }
        foreach (var each in Conclude(order, result!, began, stopping)) yield return each;
    }

    /// <inheritdoc />
    public void Dispose() => _folder?.Dispose();

    private async Task<(SourceFacts? Facts, string? Failure)> LookAsync(CancellationToken stopping)
    {
        try
        {
            return (await _look.LookAsync(_fallback, stopping), null);
        }
        catch (SourceException unopened)
        {
            return (null, unopened.Message);
        }
    }

    private async IAsyncEnumerable<Found> GiveUpAsync(string failure, string? gapReason)
    {
        if (_look.IsFinite || (_stream.Url.Scheme is "http" or "https" && FfmpegErrors.IsPermanent(failure)))
        {
            // Nothing will be read again, so what was read is what there is.
            await foreach (var each in _recovery.RecoverOpenAsync(Spooler, gapReason)) yield return each;
            yield return new Found.End(new Ending.Failed(failure));
            yield break;
        }
        _fallback = _fallback.After(failure);
        var except = Spooler.Journal.Source is null ? null : Spooler.Journal.Run;
        await foreach (var each in _recovery.RecoverOpenAsync(Spooler, gapReason, except)) yield return each;
        yield return new Found.End(new Ending.Again(failure));
    }

    // A finite source is read from its beginning again after an interruption: that gives the same segments. Those that are chunks are
    // passed over.
    private SourceProgress? Known(string identity, SourceFacts? facts)
    {
        var source = Spooler.Journal.Source;
        if (source is { IsComplete: false, Growth: { } growth } && GrowingFile.GoesOn(growth, _stream, facts))
            source = source with { Identity = identity };
        return source is not null && source.Identity == identity && !(source.IsComplete && _stream.RereadCompleted) ? source : null;
    }

    private void PassOver(SourceProgress known)
    {
        if (Spooler.Journal.Run is { } run) _spool.Open.DropRun(run);
        if (known is { Segments: > 0, IsComplete: false }) Log.SourceGoesOn(_log, _stream.Id, known.Segments);
    }

    private IEnumerable<Found> Conclude(RunOrder order, RunResult result, long began, CancellationToken stopping)
    {
        _reopened = order.End.Reopen is null ? null : order.End;
        var (before, hasRecorded) = (_fallback, result.Segments > 0);
        var isJudged = order.IsFinite && !result.IsInterrupted;
        var verdict = isJudged ? order.End.Judge(result.ExitCode, result.Error, hasRecorded, result.Span) : null;
        if (verdict?.Outcome == SourceOutcome.Complete && Spooler.Journal.Source is { } read)
            Spooler.Remember(read with { IsComplete = true, Growth = null });
        if (!stopping.IsCancellationRequested && !hasRecorded) _fallback = _fallback.After(result.Error);
        if (stopping.IsCancellationRequested) yield return new Found.End(new Ending.Stopped());
        else if ((Again(order, result, began) ?? Spared(verdict, before)) is { } again)
        {
            yield return new Found.End(again with { HasRecorded = hasRecorded, IsAtOnce = _reopened is not null });
        }
        else
        {
            if (verdict is not null) yield return new Found.Chunks(Spooler.DeclareMissing(verdict.Missing));
            Ending ending = verdict is { Reason: { } reason } ? new Ending.Failed(reason) : new Ending.Complete(result.Segments);
            yield return new Found.End(ending);
        }
    }

    /// <returns>Null where no other try is wanted.</returns>
    private Ending.Again? Again(RunOrder order, RunResult result, long began)
    {
        if (result.IsOutOfRoom)
            return new("the spool is full, and recording stops until it has room (OnFull stop)") { GapReason = Gap.SpoolFull };
        var gap = order.IsFinite ? null : result.Stall is null ? Gap.Reconnect : Gap.Stalled;
        if (result.Stall is null && result.WasKilled) return new("ffmpeg was killed") { GapReason = gap };
        if (!order.IsFinite) return new(result.Stall ?? Why(result)) { GapReason = gap };
        return result.HasGrown ? new("the file grew while it was read, and is read on") { Pause = NoteGrowth(order, began) } : null;
    }

    private Ending.Again? Spared(SourceVerdict? verdict, Fallback before) =>
        verdict?.Outcome == SourceOutcome.Failed && _fallback != before ? new(verdict.Reason!) : null;

    private string Why(RunResult result) =>
        result.ExitCode == 0 && !FfmpegErrors.HasError(result.Error) ? "the source ended" : FfmpegErrors.Summary(_stream.Url, result.Error);

    // Each reading begins at the file's start and passes over what is recorded: the pause keeps that cheap.
    private TimeSpan NoteGrowth(RunOrder order, long began)
    {
        if (Spooler.Journal.Source is { } source) Spooler.Remember(source with { Growth = GrowingFile.GrowthOf(_stream, order.Facts) });
        var least = 2 * _stream.Window.TotalSeconds;
        var slow = Math.Clamp(4 * _clock.GetElapsedTime(began).TotalSeconds, least, Math.Max(least, 600));
        var pause = TimeSpan.FromSeconds(order.IsPaced ? least : slow);
        Log.SourceGrew(_log, _stream.Id, order.Facts?.Length ?? 0, SourceFile.Length(_stream.Url.FilePath!), pause.TotalSeconds);
        return pause;
    }
}
