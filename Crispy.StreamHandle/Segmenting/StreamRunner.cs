using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.StreamHandle.Queueing;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>What all streams share.</summary>
/// <param name="Ffmpeg">The program.</param>
/// <param name="Spool">Where things lie.</param>
/// <param name="SpoolOptions">How much may lie there.</param>
/// <param name="Gauge">How much lies there.</param>
/// <param name="Signer">Signs manifests.</param>
/// <param name="Publisher">Tells workers.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Log">The log.</param>
public sealed record StreamParts(
    Ffmpeg Ffmpeg, SpoolLayout Spool, SpoolOptions SpoolOptions, SpoolGauge Gauge, ManifestSigner Signer, ChunkPublisher Publisher, TimeProvider Clock, ILogger<StreamRunner> Log);

/// <summary>One stream from its source to its ready chunks: the supervising loop. It opens the source, and again and again if it is a live
/// one; everything inside just fails. Nothing that happens here reaches another stream.</summary>
public sealed class StreamRunner
{
    private readonly StreamParts _parts;
    private readonly Backoff _backoff = new(Random.Shared);
    private readonly Lock _statusLock = new();
    private Fallback _fallback;
    private StreamStatus _status;

    /// <summary>A stream that does not run yet.</summary>
    public StreamRunner(StreamOptions options, StreamParts parts)
    {
        (Options, _parts, _fallback) = (options, parts, Fallback.None(options));
        var finite = options.Url.Scheme == "file" || (options.Url.Scheme == "demo" && DemoPicture.Parse(options.Url).Duration is not null);
        _status = new(StreamState.Starting, finite, null, null, default, 0, false, null);
    }

    /// <summary>The stream's configuration.</summary>
    public StreamOptions Options { get; }

    /// <summary>What is known of it now.</summary>
    public StreamStatus Status { get { lock (_statusLock) return _status; } }

    private bool IsPaced => (Options.Realtime && Status.IsFinite) || (Options.Url.Scheme == "demo" && !Status.IsFinite);

    /// <summary>Runs until the source ends for good or is to stop; then every closed segment is a ready chunk.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            using var lease = Lock();
            var spooler = Recover();
            while (await TryRunOnceAsync(spooler, stopping)) await PauseAsync(stopping);
            if (Status.State != StreamState.Failed) Update(status => status with { State = StreamState.Ended, Error = null });
        }
#pragma warning disable CA1031 // The last line of defence: a fault of one stream is shown and must not end the others.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(Options.Url.Redact(fault.Message));
            Log.StreamFault(_parts.Log, Options.Id, fault);
        }
    }

    private FileStream Lock()
    {
        var folder = Directory.CreateDirectory(_parts.Spool.Stream(Options.Id)).FullName;
        try
        {
            return new(Path.Combine(folder, "stream.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new IOException($"another process records stream '{Options.Id}' into {folder}");
        }
    }

    private ChunkSpooler Recover()
    {
        var recovery = new SpoolRecovery(Options, _parts.Spool, _parts.Log);
        var journal = recovery.Recover();
        var found = _parts.Spool.ReadyManifests(Options.Id).Concat(_parts.Spool.DeadManifests(Options.Id)).Select(path => SpooledChunk.Read(path)?.Manifest).OfType<ChunkManifest>()
            .Aggregate(default(Captured), (sum, manifest) => sum.Plus(manifest.Frames, manifest.Size));
        Update(status => status with { Captured = found });
        var spooler = new ChunkSpooler(Options, _parts.Spool, _parts.Signer, journal, _parts.Log);
        foreach (var (run, segments, firstFrame) in recovery.LeftOpen(journal).ToList())
        {
            Log.SegmentsRecovered(_parts.Log, Options.Id, segments.Count, run);
            Publish(spooler.Spool(segments, run, new EpochClock(firstFrame, followsNothing: false)));
        }
        return spooler;
    }

    /// <returns>Whether another try is wanted.</returns>
    private async Task<bool> TryRunOnceAsync(ChunkSpooler spooler, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested) return false;
        try
        {
            Update(status => status with { State = StreamState.Starting });
            var facts = await LookAsync(stopping);
            var run = new SegmentRun(_fallback.Apply(Options), _parts, spooler, facts, Status.IsFinite, IsPaced, _fallback.Tap, Update, Publish);
            var (exitCode, error) = await run.RunAsync(stopping);
            if (stopping.IsCancellationRequested) return false;
            if (run.Segments > 0) _backoff.Reset();
            else _fallback = _fallback.After(error);
            if (!Status.IsFinite) return Retry(run.Stall ?? FfmpegErrors.Summary(Options.Url, error));
            if (exitCode == 0 && run.Segments > 0) Log.SourceEnded(_parts.Log, Options.Id, run.Segments);
            else Fail($"{Options.Url}: {FfmpegErrors.Summary(Options.Url, error)}");
            return false;
        }
        catch (SourceException unopened) when (Status.IsFinite || (Options.Url.Scheme is "http" or "https" && FfmpegErrors.IsPermanent(unopened.Message)))
        {
            Fail(unopened.Message);
            return false;
        }
        catch (SourceException away)
        {
            _fallback = _fallback.After(away.Message);
            return Retry(away.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    // A camera is connected to only once, where that is enough: to be looked at beforehand only where the container must know its codecs.
    private async Task<SourceFacts?> LookAsync(CancellationToken stopping)
    {
        if (Options.Url.Scheme == "demo") return null;
        if (Options.Url.FilePath is { } path && !File.Exists(path)) throw new SourceException($"{path}: no such file");
        var network = Options.Url.Scheme is "rtsp" or "rtsps";
        if (network && (Options.Container == ChunkContainer.Matroska || (Options.Container == ChunkContainer.Mp4 && Options.Audio != AudioPolicy.Keep))) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Options.StallTimeout * 2);
        try
        {
            var facts = await SourceProbe.LookAsync(_parts.Ffmpeg, _fallback.Apply(Options), limit.Token);
            if (Options is { Container: ChunkContainer.TransportStream, Mode: SegmentMode.Copy } && facts.VideoCodec is not ("h264" or "hevc" or "mpeg2video" or "mpeg4"))
                throw new SourceException($"{Options.Url}: {facts.VideoCodec} does not fit into ts; use mkv or mp4, or Mode transcode");
            if (Options.Url.Scheme is "http" or "https")
            {
                var finite = facts.Duration is not null || (Options.Url.HasCredentials && await HttpKind.IsFiniteAsync(Options.Url, limit.Token));
                Update(status => status with { IsFinite = finite });
            }
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
        Update(status => status with { State = StreamState.Backoff, Error = error });
        return true;
    }

    private void Fail(string error)
    {
        Update(status => status with { State = StreamState.Failed, Error = error, Pending = 0, Paused = false });
        Log.StreamFailed(_parts.Log, Options.Id, error);
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        var pause = _backoff.Next();
        Log.SourceAway(_parts.Log, Options.Id, Status.Error, pause.TotalSeconds);
        await Task.Delay(pause, _parts.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Publish(IReadOnlyList<SpooledChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            var manifest = chunk.Manifest;
            Update(status => status with
            {
                Captured = status.Captured.Plus(manifest.Frames, manifest.Size),
                Epoch = manifest.Epoch,
                LastChunk = new(manifest.Chunk, manifest.From, manifest.To),
                Clock = manifest.Clock,
            });
            _parts.Publisher.Offer(chunk);
        }
    }

    private void Update(Func<StreamStatus, StreamStatus> change)
    {
        lock (_statusLock) _status = change(_status);
    }
}
