using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Events;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Supervising;

/// <summary>What all streams share.</summary>
/// <param name="Ffmpeg">The program.</param>
/// <param name="Spool">Where things lie.</param>
/// <param name="SpoolOptions">How much may lie there.</param>
/// <param name="Gauge">How much lies there.</param>
/// <param name="Budget">Whose turn it is when that is too much.</param>
/// <param name="Signer">Signs manifests.</param>
/// <param name="Verifier">Knows whose manifests are our own.</param>
/// <param name="Publisher">Tells workers.</param>
/// <param name="Connects">Whose turn it is to open a source.</param>
/// <param name="Gate">Which addresses no source may have.</param>
/// <param name="Leases">Which streams are this replica's to record.</param>
/// <param name="Events">Tells whoever listens.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Log">The log.</param>
public sealed record StreamParts(
    Ffmpeg Ffmpeg, SpoolLayout Spool, SpoolOptions SpoolOptions, SpoolGauge Gauge, SpoolBudget Budget, ManifestSigner Signer, ManifestVerifier Verifier, ChunkPublisher Publisher,
    ConnectLimiter Connects, SourceGate Gate, ILeases Leases, StreamEvents Events, TimeProvider Clock, ILogger<StreamRunner> Log)
{
    /// <summary>Whether any of the streams is a live one.</summary>
    internal Func<bool> HasLive { get; set; } = () => false;
}

/// <summary>One stream from its source to its ready chunks: the supervising loop. It opens the source, and again and again if it is a live
/// one; everything inside just fails. Nothing that happens here reaches another stream.</summary>
public sealed class StreamRunner
{
    /// <summary>How often a stream that stopped because the spool is full looks whether it still is.</summary>
    private static readonly TimeSpan RoomInterval = TimeSpan.FromSeconds(0.5);

    private readonly StreamParts _parts;
    private readonly SegmentSalvage _salvage;
    private readonly Backoff _backoff = new(Random.Shared);
    private readonly Lock _statusLock = new();
    private readonly StreamSpool _spool;
    private FileStream? _lock;
    private Fallback _fallback;
    private StreamStatus _status;
    private readonly StreamStatus? _before;
    private Tenure? _tenure;
    private bool _hadTenure;
    private SourceEnd? _reopened;
    private bool _atOnce;

    /// <summary>A stream that does not run yet.</summary>
    /// <param name="options">What it is.</param>
    /// <param name="parts">What it shares with the others.</param>
    /// <param name="duty">What is to be done about it.</param>
    /// <param name="before">The runner that it takes over from, which has ended; null for the first of this process.</param>
    public StreamRunner(StreamOptions options, StreamParts parts, StreamDuty duty = StreamDuty.Record, StreamRunner? before = null)
    {
        (Options, Duty, _parts, _fallback, _before) = (options, duty, parts, Fallback.None(options), before?.Status);
        _salvage = new(options, parts.Ffmpeg, parts.Log);
        _spool = new(options.Id, options.Container, parts.Spool, parts.Signer, parts.Verifier, parts.Clock)
        {
            Stored = parts.Events.Stored,
            Quarantined = file => Log.FileQuarantined(parts.Log, file.Stream, file.File, file.Reason),
        };
        var finite = options.Url.Scheme == "file" || (options.Url.Scheme == "demo" && DemoPicture.Parse(options.Url).Duration is not null);
        finite |= options.Url.Scheme == SourceUrl.None.Scheme;
        _status = (_before ?? new(StreamState.Starting, finite, null, null, default, 0, false, null)) with { State = StreamState.Starting, IsFinite = finite, Error = null, Pending = 0, Paused = false };
    }

    /// <summary>The stream's configuration.</summary>
    public StreamOptions Options { get; }

    /// <summary>What is to be done about it.</summary>
    public StreamDuty Duty { get; }

    /// <summary>What is known of it now.</summary>
    public StreamStatus Status { get { lock (_statusLock) return _status; } }

    /// <summary>Where the stream's chunks are; null before its journal was read.</summary>
    public Conservation? Law => _spool.Law;

    /// <summary>The newest gaps, oldest first.</summary>
    public IReadOnlyList<Gap> Gaps => _spool.Journal.GapsOrNone;

    /// <summary>Files in the stream's folders that are not its own.</summary>
    public IReadOnlyList<QuarantinedFile> Foreign => _spool.Foreign;

    /// <summary>Whether nothing of it is left in the spool but its journal.</summary>
    public bool IsEmpty => _spool.IsEmpty;

    /// <summary>Leaves the stream to another runner: from now on this one touches nothing in the spool.</summary>
    public void Retire() => _spool.Retire();

    /// <summary>Counts the chunks that workers stored since the last time.</summary>
    public void CountStored() => _spool.CountStored();

    /// <summary>Declares a dead chunk lost, because a person wants it so, and deletes its files.</summary>
    /// <returns>False where it is not dead, or not ours to touch now.</returns>
    /// <inheritdoc cref="StreamSpool.Discard"/>
    internal bool Discard(ChunkId id, string? note)
    {
        if (_spool.Discard(id, note) is not { } losses) return false;
        Publish(losses);
        return true;
    }

    /// <summary>Takes a dead chunk back to the ready ones, and publishes it.</summary>
    /// <returns>False where it is not dead, or not ours to touch now.</returns>
    /// <inheritdoc cref="StreamSpool.TakeBack"/>
    internal bool Replay(ChunkId id)
    {
        if (_spool.TakeBack(id) is not { } manifest) return false;
        _parts.Publisher.PublishAnew(manifest);
        return true;
    }

    /// <summary>Drops the oldest ready chunks, each leaving a loss record.</summary>
    /// <param name="bytes">How much room is wanted, at least.</param>
    /// <exception cref="IOException">The disk does not take the records.</exception>
    public void DropOldest(long bytes)
    {
        var (losses, freed) = _spool.DropOldest(bytes);
        _parts.Gauge.Add(Options.Id, -freed);
        Publish(losses);
    }

    /// <summary>Deletes files that were kept for a look although they cannot be used.</summary>
    public void DropUnusable() => _parts.Gauge.Add(Options.Id, -_spool.DropUnusable());

    private bool IsPaced => (Options.Realtime && Status.IsFinite) || (Options.Url.Scheme == "demo" && !Status.IsFinite);

    /// <summary>Runs until the source ends for good or is to stop; then every closed segment is a ready chunk.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            ChunkSpooler? spooler;
            while ((spooler = await TryRecoverAsync()) is null && !stopping.IsCancellationRequested) await PauseAsync(stopping);
            while (Duty == StreamDuty.Record && spooler is not null && await HoldAsync(spooler, stopping)) continue;
            if (Duty != StreamDuty.Record) Update(status => status with { State = Duty == StreamDuty.Pause ? StreamState.Paused : StreamState.Removed, Error = null });
            else if (Status.State != StreamState.Failed) Update(status => status with { State = StreamState.Ended, Error = null });
        }
#pragma warning disable CA1031 // The last line of defence: a fault of one stream is shown and must not end the others.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(Options.Url.Redact(fault.Message));
            Log.StreamFault(_parts.Log, Options.Id, fault);
        }
        finally
        {
            _lock?.Dispose();
        }
    }

    // A stream that ended for good stays this replica's, so that no other one begins it anew.
    /// <returns>Whether the stream went elsewhere, and is to be waited for again.</returns>
    private async Task<bool> HoldAsync(ChunkSpooler spooler, CancellationToken stopping)
    {
        if (_parts.Leases.IsOn) Update(status => status with { State = StreamState.Standby, Error = null });
        if (await _parts.Leases.AwaitAsync(this, stopping) is not { } tenure) return false;
        var given = true;
        try
        {
            Take(spooler, tenure);
            while (await TryRunOnceAsync(spooler, tenure.Over)) await PauseAsync(tenure.Over);
            given = tenure.Over.IsCancellationRequested;
        }
        finally
        {
            _tenure = null;
            if (given) await _parts.Leases.EndAsync(Options.Id, tenure);
        }
        return given && !stopping.IsCancellationRequested;
    }

    private void Take(ChunkSpooler spooler, Tenure tenure)
    {
        _tenure = tenure;
        spooler.Take(tenure.Grant);
        _backoff.Reset();
        if (tenure.Grant is { Holder: { } holder } grant)
            spooler.GapReason = grant.HandedOver && holder != _parts.Leases.Replica ? Gap.Rebalance : holder != _parts.Leases.Replica ? Gap.Takeover : _hadTenure ? Gap.Lease : spooler.GapReason;
        _hadTenure = true;
    }

    /// <returns>Null where the disk refused: nothing is lost by it, and another try is wanted.</returns>
    private async Task<ChunkSpooler?> TryRecoverAsync()
    {
        try
        {
            _lock ??= _spool.Lock();
            var spooler = Recover();
            // A finite source is read again from its beginning, unless nobody will ever read it again.
            var reread = Duty != StreamDuty.Settle && spooler.Journal is { Source: not null, Run: { } run } ? run : null;
            await RecoverOpenAsync(spooler, except: reread, final: _parts.Leases.IsOn || Duty == StreamDuty.Settle);
            spooler.GapReason = _before switch { null => Gap.Restart, { State: StreamState.Paused } => Gap.Paused, _ => Gap.Changed };
            return spooler;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            RetryDisk(refused);
            return null;
        }
    }

    private ChunkSpooler Recover()
    {
        var (losses, takenBack) = _spool.Recover();
        foreach (var chunk in takenBack) Log.ChunkTakenBack(_parts.Log, Options.Id, chunk);
        var found = _parts.Spool.ReadyManifests(Options.Id).Concat(_parts.Spool.DeadManifests(Options.Id)).Select(path => SpooledChunk.TryRead(path)?.Manifest).OfType<ChunkManifest>()
            .Aggregate(default(Captured), (sum, manifest) => sum.Plus(manifest.Frames, manifest.Size));
        foreach (var loss in losses) found = found.Plus(loss.Record.Frames ?? 0, loss.Record.Bytes);
        // What another runner of this process took responsibility for before includes what is found now.
        Update(status => status with { Captured = _before?.Captured ?? found, Lost = _before?.Lost ?? 0 });
        Publish(losses);
        return new(Options, _spool, _parts.Signer, _parts.Clock, _parts.Log) { SpoolName = _parts.SpoolOptions.Name };
    }

    /// <param name="spooler">Makes chunks of them.</param>
    /// <param name="except">A run that is left alone.</param>
    /// <param name="final">Whether they may be the chain's last: the stream may be another replica's by now.</param>
    private async Task RecoverOpenAsync(ChunkSpooler spooler, string? except = null, bool final = false)
    {
        // What comes after the recovered segments is missing for the reason for which they were left.
        var reason = spooler.GapReason;
        await foreach (var (run, segments, firstFrame) in LeftOpen.FindAsync(_spool.Open, _salvage, spooler.Journal, except))
        {
            Log.SegmentsRecovered(_parts.Log, Options.Id, segments.Count, run);
            spooler.Begin(run, source: null);
            Publish(spooler.Spool(final ? [.. segments.SkipLast(1), segments[^1] with { IsLast = true }] : segments, new EpochClock(firstFrame, followsNothing: false)));
        }
        spooler.GapReason = reason;
    }

    // A finite source is read from its beginning again after an interruption: that gives the same segments. Those that are chunks are passed over.
    private async Task<SourceProgress?> ProgressAsync(ChunkSpooler spooler, SourceFacts? facts)
    {
        var before = spooler.Journal;
        if (!Status.IsFinite)
        {
            await RecoverOpenAsync(spooler);
            return null;
        }
        var identity = SourceIdentity.Of(Options, facts);
        if (before.Source is { IsComplete: false, Growth: { } growth } grown && GrowingFile.GoesOn(growth, Options, facts)) before = before with { Source = grown with { Identity = identity } };
        if (before.Source is { } source && source.Identity == identity && !(source.IsComplete && Options.RereadCompleted))
        {
            if (before.Run is { } run) _spool.Open.DropRun(run);
            if (source is { Segments: > 0, IsComplete: false }) Log.SourceGoesOn(_parts.Log, Options.Id, source.Segments);
            return source;
        }
        await RecoverOpenAsync(spooler);
        // A finite source that gives no time of its own was filmed, as far as anyone knows, when reading began.
        return new(identity, Options.StartTime ?? facts?.CreationTime ?? _parts.Clock.GetUtcNow());
    }

    /// <returns>Whether another try is wanted.</returns>
    private async Task<bool> TryRunOnceAsync(ChunkSpooler spooler, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested) return false;
        try
        {
            Update(status => status with { State = StreamState.Starting });
            using var turn = await _parts.Connects.BeginAsync(stopping);
            var facts = await LookAsync(stopping);
            if (Status.IsFinite) spooler.GapReason = null;
            var source = await ProgressAsync(spooler, facts);
            if (source is { IsComplete: true })
            {
                Log.SourceReadBefore(_parts.Log, Options.Id);
                return false;
            }
            var end = new SourceEnd(Options.Url, facts, Options.EveryNthFrame);
            using var run = new SegmentRun(_fallback.Apply(Options) with { PlaylistStart = _reopened?.StartIn(facts?.Http?.Playlist) }, _parts, spooler, facts, source, end, IsPaced, Update, Publish, turn.Dispose);
            var began = _parts.Clock.GetTimestamp();
            var (exitCode, error) = await run.RunAsync(stopping);
            (_atOnce, _reopened) = end.Reopen is null ? (false, null) : (true, end);
            var verdict = Status.IsFinite && !run.Interrupted ? end.Judge(exitCode, error, run.Segments > 0, run.Span) : null;
            if (verdict?.Outcome == SourceOutcome.Complete && spooler.Journal.Source is { } read) spooler.Remember(read with { IsComplete = true, Growth = null });
            if (stopping.IsCancellationRequested) return false;
            var before = _fallback;
            if (run.Segments > 0) _backoff.Reset();
            else _fallback = _fallback.After(error);
            if (run.OutOfRoom)
            {
                spooler.GapReason = Gap.SpoolFull;
                return Retry("the spool is full, and recording stops until it has room (OnFull stop)");
            }
            if (!Status.IsFinite) spooler.GapReason = run.Stall is null ? Gap.Reconnect : Gap.Stalled;
            if (run.Stall is null && Segmenter.WasKilled(exitCode)) return Retry("ffmpeg was killed");
            if (!Status.IsFinite) return Retry(run.Stall ?? (exitCode == 0 && !FfmpegErrors.HasError(error) ? "the source ended" : FfmpegErrors.Summary(Options.Url, error)));
            if (run.Grew) return await GrewAsync(spooler, facts, began, stopping);
            if (verdict?.Outcome == SourceOutcome.Failed && _fallback != before) return Retry(verdict.Reason!);
            if (verdict is not null) Publish(new SpooledBatch([], spooler.DeclareMissing(verdict.Missing)));
            if (verdict is { Reason: { } reason }) Fail(reason);
            else Log.SourceEnded(_parts.Log, Options.Id, run.Segments);
            return false;
        }
        catch (SourceException unopened) when (Status.IsFinite || (Options.Url.Scheme is "http" or "https" && FfmpegErrors.IsPermanent(unopened.Message)))
        {
            // Nothing will be read again, so what was read is what there is.
            await RecoverOpenAsync(spooler);
            Fail(unopened.Message);
            return false;
        }
        catch (SourceException away)
        {
            _fallback = _fallback.After(away.Message);
            if (!Status.IsFinite) await RecoverOpenAsync(spooler, except: spooler.Journal.Source is null ? null : spooler.Journal.Run);
            return Retry(away.Message);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return RetryDisk(refused);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    // Each reading begins at the file's start and passes over what is recorded: the pause keeps that cheap.
    private async Task<bool> GrewAsync(ChunkSpooler spooler, SourceFacts? facts, long began, CancellationToken stopping)
    {
        if (spooler.Journal.Source is { } source) spooler.Remember(source with { Growth = GrowingFile.GrowthOf(Options, facts) });
        var least = 2 * Options.Window.TotalSeconds;
        var pause = TimeSpan.FromSeconds(IsPaced ? least : Math.Clamp(4 * _parts.Clock.GetElapsedTime(began).TotalSeconds, least, Math.Max(least, 600)));
        Log.SourceGrew(_parts.Log, Options.Id, facts?.Length ?? 0, SourceFile.Length(Options.Url.FilePath!), pause.TotalSeconds);
        Retry("the file grew while it was read, and is read on");
        await Task.Delay(pause, _parts.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    // A camera is connected to only once, where that is enough: to be looked at beforehand only where the container must know its codecs.
    private async Task<SourceFacts?> LookAsync(CancellationToken stopping)
    {
        if (Options.Url.Scheme == "demo") return null;
        if (Options.Url.FilePath is { } path) SourceFile.Require(path);
        var network = Options.Url.Scheme is "rtsp" or "rtsps";
        if (network) await _parts.Gate.RequireAsync(Options.Url.Secret, $"{Options.Url}", stopping);
        if (network && (Options.Container == ChunkContainer.Matroska || (Options.Container == ChunkContainer.Mp4 && Options.Audio != AudioPolicy.Keep))) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Options.StallTimeout * 2);
        try
        {
            var http = Options.Url.Scheme is "http" or "https" ? await HttpLook.AskAsync(Options, _parts.Gate, limit.Token) : null;
            if (http is not null) Update(status => status with { IsFinite = http.IsFinite });
            var facts = await SourceProbe.LookAsync(_parts.Ffmpeg, _fallback.Apply(Options), http, limit.Token);
            if (Options is { Container: ChunkContainer.TransportStream, Mode: SegmentMode.Copy } && facts.VideoCodec is not ("h264" or "hevc" or "mpeg2video" or "mpeg4"))
                throw new SourceException($"{Options.Url}: {facts.VideoCodec} does not fit into ts; use mkv or mp4, or Mode transcode");
            if (http is not null) Update(status => status with { IsFinite = SourceProbe.IsFinite(http, facts.Duration) });
            return facts;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new SourceException($"{Options.Url} did not answer within {(Options.StallTimeout * 2).TotalSeconds} s");
        }
    }

    private bool Retry(string error)
    {
        Telemetry.Reconnected(Options.Id);
        Update(status => status with { State = StreamState.Backoff, Error = error, LastError = new(_parts.Clock.GetUtcNow(), error) });
        return true;
    }

    private bool RetryDisk(Exception refused)
    {
        _parts.Budget.Refused();
        return Retry($"the spool takes nothing more: {refused.Message}");
    }

    private void Fail(string error)
    {
        Update(status => status with { State = StreamState.Failed, Error = error, LastError = new(_parts.Clock.GetUtcNow(), error), Pending = 0, Paused = false });
        Log.StreamFailed(_parts.Log, Options.Id, error);
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        // A source that is there and began again waits for nobody: what it sends meanwhile would be missed.
        var pause = _atOnce ? TimeSpan.Zero : _backoff.Next();
        _atOnce = false;
        Log.SourceAway(_parts.Log, Options.Id, Status.Error, pause.TotalSeconds);
        await Task.Delay(pause, _parts.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (Options.OnFull == OnFull.Stop && !Status.IsFinite && _parts.Budget.IsOver(Options.Id) && !stopping.IsCancellationRequested)
            await Task.Delay(RoomInterval, _parts.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Publish(IReadOnlyList<SpooledLoss> losses)
    {
        foreach (var loss in losses)
        {
            Update(status => status with { Lost = status.Lost + 1 });
            Tell(loss.Record);
            _parts.Publisher.Offer(loss);
            _parts.Events.Lost(loss);
        }
    }

    private void Tell(LossRecord loss)
    {
        using var span = Telemetry.StartLoss(loss.Traceparent);
        Telemetry.Lost(Options.Id, loss.Reason);
        Log.ChunkLost(_parts.Log, loss.Chunk, loss.Reason, loss.From, loss.To, loss.Bytes);
    }

    // A segment that never was a chunk is captured and lost at once.
    private void Publish(SpooledBatch batch)
    {
        foreach (var loss in batch.Losses.Where(loss => loss.Record.Manifest is null))
            Update(status => status with { Captured = status.Captured.Plus(loss.Record.Frames ?? 0, loss.Record.Bytes) });
        Publish(batch.Losses);
        foreach (var chunk in batch.Chunks)
        {
            var manifest = chunk.Manifest;
            Update(status => status with
            {
                Captured = status.Captured.Plus(manifest.Frames, manifest.Size),
                Epoch = manifest.Epoch,
                Clock = manifest.Clock,
                LastChunk = new(manifest.Chunk, manifest.From, manifest.To) { At = _parts.Clock.GetUtcNow() },
                Fps = manifest.Fps,
                Bitrate = manifest.Duration > TimeSpan.Zero ? Math.Round(manifest.Size * 8 / manifest.Duration.TotalSeconds) : null,
            });
            _parts.Publisher.Offer(chunk);
            _parts.Events.Queued(chunk);
        }
        if (_tenure is { } tenure && _spool.Journal is { Epoch: { } epoch, Previous: { } hash, LastTo: { } to } journal)
            _parts.Leases.Note(tenure, new(new(new ChunkId(Options.Id, epoch, journal.NextSequence - 1).ToString(), hash), to));
    }

    private void Update(Func<StreamStatus, StreamStatus> change)
    {
        lock (_statusLock) _status = change(_status);
        _parts.Events.Changed(Options.Id);
    }
}
