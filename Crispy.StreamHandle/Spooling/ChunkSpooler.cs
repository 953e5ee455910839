using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Makes chunks of the closed segments of one stream, in order: reads each, places it in time, numbers, describes and signs it.
/// The spool stores them (<see cref="StreamSpool.Store"/>), several that wait at once together.</summary>
internal sealed class ChunkSpooler
{
    private readonly StreamOptions _stream;
    private readonly StreamSpool _spool;
    private readonly string _spoolName;
    private readonly ManifestSigner _signer;
    private readonly ILogger _log;
    private readonly ChunkDescription _description;
    private readonly LossDrafts _losses;
    private DraftBatch? _unfinished;
    private long? _token;
    private ChainEnd? _after;
    private DateTimeOffset? _recordedTo;

    /// <summary>A spooler of a stream whose spool was recovered.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="spool">Its part of the spool.</param>
    /// <param name="spoolName">The spool's name, which manifests carry where streams are leased.</param>
    /// <param name="signer">Signs manifests.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public ChunkSpooler(StreamOptions stream, StreamSpool spool, string spoolName, ManifestSigner signer, TimeProvider time, ILogger log)
    {
        (_stream, _spool, _spoolName, _signer, _log, _token) = (stream, spool, spoolName, signer, log, spool.Journal.LeaseToken);
        (_description, _losses) = (new(stream), new(stream, time));
    }

    /// <summary>What the stream remembers now.</summary>
    public StreamJournal Journal => _spool.Journal;

    /// <summary>Where its segments lie until they are chunks.</summary>
    public OpenSegments Open => _spool.Open;

    /// <summary>Whether nothing of the stream is known to have been recorded yet, here or elsewhere.</summary>
    public bool IsFirst => Journal.NextSequence == 0 && _recordedTo is null;

    /// <summary>Records under a lease from now on, or without one. The chain goes on as this spool knows it; what another replica
    /// recorded last is named once, by the next chunk.</summary>
    public void Take(LeaseGrant? grant)
    {
        (_token, _recordedTo) = (grant?.Token, grant?.Last?.To);
        _after = grant?.Last?.End is { } end && end.Sha256 != Journal.Previous ? end : null;
    }

    /// <summary>Remembers, before the first segment of a run becomes a chunk, whose segments they are.</summary>
    /// <param name="run">The name of the run's folder.</param>
    /// <param name="source">How far its source had been taken before; null for a live one.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Begin(string run, SourceProgress? source) =>
        _spool.Remember(journal => journal with
        {
            Run = run, RunTo = run == journal.Run ? journal.RunTo : null, Source = source, LeaseToken = _token,
        });

    /// <summary>Remembers how far a finite source has been taken.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Remember(SourceProgress source) => _spool.Remember(journal => journal with { Source = source });

    /// <summary>Declares times of a finite source lost that could not be read. Done once for a source, however often it is tried
    /// again.</summary>
    /// <param name="ranges">From its first picture on.</param>
    /// <exception cref="IOException">The disk does not take the records: nothing is declared yet.</exception>
    public SpooledBatch DeclareMissing(IReadOnlyList<MissingRange> ranges) =>
        new([], _spool.DeclareLost(journal => _losses.Missing(ranges, journal)), null, End());

    /// <summary>Makes segments ready. Those without a single frame become loss records. Those of a finite source that were settled before
    /// an interruption only move the clock on, and are deleted.</summary>
    /// <param name="segments">In order.</param>
    /// <param name="clock">Their run's clock.</param>
    /// <param name="gapReason">Why the first that does not follow on does not; null where their time has no gaps to tell of, as that of a
    /// file.</param>
    /// <param name="dropped">Why all of them become loss records, where they do.</param>
    /// <exception cref="IOException">The disk does not take them. Nothing is lost; called again with the same segments it goes
    /// on.</exception>
    public SpooledBatch Spool(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? gapReason, string? dropped = null)
    {
        var batch = _unfinished ??= Prepare(segments, clock, gapReason, dropped);
        foreach (var segment in batch.Passed) OpenSegments.Drop(segment.Path);
        var losses = batch.Statements.Count == 0 ? [] : _spool.Store(batch.ToStore);
        _unfinished = null;
        if (batch.NamesOtherChain) _after = null;
        foreach (var lost in batch.Statements.Where(statement => statement.Loss is not null)) lost.Read.Capture?.Dispose();
        return new([.. batch.Statements.Where(statement => statement.Loss is null).Select(Finish)], losses, batch.GapReason, End());
    }

    private DraftBatch Prepare(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? gapReason, string? dropped)
    {
        var read = new ReadSegment[segments.Count];
        void Read(int index) => read[index] = ReadSegment.Of(segments[index], IsTaken(segments[index]));
        DiskRefusal.Unwrap(() => Parallel.For(0, segments.Count, Read));
        var batch = new DraftBatch(Journal, gapReason);
        foreach (var each in read)
        {
            if (IsTaken(each.Segment))
            {
                if (each.HasPicture) clock.Place(each.Segment, each.Facts);
                batch.Pass(each.Segment);
            }
            else if (each.HasPicture) batch.Add(Complete(each, clock, dropped, batch));
            else batch.Add(Lose(each, null, OpenSegments.IsCut(each.Segment.Path) ? LossReason.Incomplete : LossReason.Unusable, batch));
        }
        return batch;
    }

    private bool IsTaken(ClosedSegment segment) => segment.Index >= 0 && segment.Index < Journal.Source?.Segments;

    private SegmentStatement Lose(ReadSegment read, Placement? placement, string reason, DraftBatch batch) =>
        SegmentStatement.Lost(read, _losses.Of(read, placement, batch.Journal, reason));

    private SegmentStatement Complete(ReadSegment read, EpochClock clock, string? dropped, DraftBatch batch)
    {
        var placement = clock.Place(read.Segment, read.Facts);
        batch.NoteGap(placement, _recordedTo);
        if (dropped is not null) return Lose(read, placement, dropped, batch);
        var id = new ChunkId(_stream.Id, placement.Epoch, batch.Journal.NextSequence);
        return SegmentStatement.Chunk(read, _description.Manifest(read, id, placement, batch.Journal.Previous, Lease(batch)), _signer);
    }

    private ChunkLease? Lease(DraftBatch batch) =>
        _token is { } token ? new(_spoolName, token, batch.NamesOtherChain ? null : _after) : null;

    private LeasedLink? End() => Journal is { Epoch: { } epoch, Previous: { } hash, LastTo: { } to } journal
        ? new(new(new ChunkId(_stream.Id, epoch, journal.NextSequence - 1).ToString(), hash), to)
        : null;

    private SpooledChunk Finish(SegmentStatement statement)
    {
        var (manifest, capture) = (statement.Manifest!, statement.Read.Capture);
        if (capture is not null) Activity.Current = capture; // What is logged is part of the chunk's trace.
        Telemetry.Captured(_stream.Id, manifest.Frames, manifest.Size);
        Log.ChunkReady(_log, manifest.Chunk, manifest.Frames, manifest.Size, manifest.Duration.TotalSeconds, manifest.Flags);
        capture?.Dispose();
        return new(_spool.ReadyManifest(manifest), manifest, statement.Bytes, statement.Signature);
    }
}
