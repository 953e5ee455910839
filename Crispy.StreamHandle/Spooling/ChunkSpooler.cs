using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>
/// Turns the closed segments of one stream into chunks that are ready, in order. Several segments that wait at once share their fsyncs.
/// A crash between any two steps loses nothing and uses no sequence number twice (<see cref="SpoolRecovery"/>):
/// <list type="number">
/// <item>the chunk, durable in <c>ready/</c>, then the signed manifest beside its name (<c>.json.pending</c>);</item>
/// <item>the journal says that the sequence numbers are used;</item>
/// <item>the manifest gets its name, and the chunk is ready.</item>
/// </list>
/// </summary>
internal sealed class ChunkSpooler
{
    /// <summary>What is written beside a manifest's name before the journal knows it.</summary>
    public const string Pending = ".pending";

    /// <summary>Two times rounded to Matroska's milliseconds, and a frame's length that the file's reader must guess.</summary>
    private static readonly TimeSpan MostRounding = TimeSpan.FromMilliseconds(3);

    private readonly StreamOptions _stream;
    private readonly SpoolLayout _spool;
    private readonly ManifestSigner _signer;
    private readonly StreamLedger _ledger;
    private readonly LossDesk _losses;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Batch? _unfinished;
    private long? _token;
    private ChainEnd? _after;
    private DateTimeOffset? _recordedTo;

    public ChunkSpooler(StreamOptions stream, SpoolLayout spool, ManifestSigner signer, StreamLedger ledger, LossDesk losses, TimeProvider time, ILogger log) =>
        (_stream, _spool, _signer, _ledger, _losses, _time, _log, _token) = (stream, spool, signer, ledger, losses, time, log, ledger.Journal.LeaseToken);

    /// <summary>What the stream remembers now.</summary>
    public StreamJournal Journal => _ledger.Journal;

    /// <summary>Why the next chunk that does not follow on from the one before it does not; null where its time has no gaps to tell of, as that of a file.</summary>
    public string? GapReason { get; set; }

    /// <summary>The spool's name, which manifests carry where streams are leased.</summary>
    public string SpoolName { get; init; } = "local";

    /// <summary>Whether nothing of the stream is known to have been recorded yet, here or elsewhere.</summary>
    public bool IsFirst => Journal.NextSequence == 0 && _recordedTo is null;

    /// <summary>Records under a lease from now on, or without one. The chain goes on as this spool knows it; what another replica recorded last is named once, by the next chunk.</summary>
    public void Take(LeaseGrant? grant)
    {
        lock (_ledger.Sync)
        {
            (_token, _recordedTo) = (grant?.Token, grant?.Last?.To);
            _after = grant?.Last?.End is { } end && end.Sha256 != Journal.Previous ? end : null;
        }
    }

    /// <summary>Remembers, before the first segment of a run becomes a chunk, whose segments they are.</summary>
    /// <param name="run">The name of the run's folder.</param>
    /// <param name="source">How far its source had been taken before; null for a live one.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Begin(string run, SourceProgress? source) =>
        Remember(journal => journal with { Run = run, RunTo = run == journal.Run ? journal.RunTo : null, Source = source, LeaseToken = _token });

    /// <summary>Remembers how far a finite source has been taken.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Remember(SourceProgress source) => Remember(journal => journal with { Source = source });

    /// <summary>Declares times of a finite source lost that could not be read. Done once for a source, however often it is tried again.</summary>
    /// <param name="ranges">From its first picture on.</param>
    /// <exception cref="IOException">The disk does not take the records: nothing is declared yet.</exception>
    public IReadOnlyList<SpooledLoss> DeclareMissing(IReadOnlyList<MissingRange> ranges)
    {
        lock (_ledger.Sync)
        {
            if (ranges.Count == 0 || _ledger.Journal.Source is not { IsMissingDeclared: false } source) return [];
            Directory.CreateDirectory(_spool.Lost(_stream.Id));
            var (journal, gaps) = (_ledger.Journal, new List<Gap>());
            var first = journal.NextSequence;
            foreach (var range in ranges)
            {
                var (from, to) = (Instants.RoundToMicrosecond(source.FirstFrame + range.From), Instants.RoundToMicrosecond(source.FirstFrame + range.To));
                var loss = NewLoss(from, to, LossReason.Incomplete, journal.Epoch, journal);
                var bytes = LossJson.Write(loss);
                _losses.Write(loss, bytes);
                journal = journal.After(loss, bytes);
                gaps.Add(new(loss.From, loss.To, loss.Reason));
            }
            DurableFile.SyncFolder(_spool.Lost(_stream.Id));
            _ledger.Write((journal with { Source = source with { IsMissingDeclared = true } }).WithLost(Enumerable.Range(0, ranges.Count).Select(index => first + index), gaps));
            return _losses.MakeReady();
        }
    }

    private void Remember(Func<StreamJournal, StreamJournal> change)
    {
        lock (_ledger.Sync)
        {
            var changed = change(_ledger.Journal);
            if (changed != _ledger.Journal) _ledger.Write(changed);
        }
    }

    /// <summary>Makes segments ready. Those without a single frame become loss records; those of a finite source that were settled before an
    /// interruption only move the clock on, and are deleted.</summary>
    /// <param name="segments">In order.</param>
    /// <param name="clock">Their run's clock.</param>
    /// <param name="dropped">Why all of them become loss records, where they do.</param>
    /// <exception cref="IOException">The disk does not take them. Nothing is lost; called again with the same segments it goes on.</exception>
    public SpooledBatch Spool(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? dropped = null)
    {
        lock (_ledger.Sync)
        {
            _unfinished ??= Prepare(segments, clock, dropped);
            var batch = _unfinished;
            foreach (var segment in batch.Passed) File.Delete(segment.Path);
            var losses = batch.Drafts.Count == 0 ? [] : Store(batch);
            _unfinished = null;
            if (batch.Drafts.Any(draft => draft.Manifest?.Lease?.After is not null)) _after = null;
            foreach (var lost in batch.Drafts.Where(draft => draft.Loss is not null)) lost.Capture?.Dispose();
            return new([.. batch.Drafts.Where(draft => draft.Loss is null).Select(Finish)], losses);
        }
    }

    private Batch Prepare(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? dropped)
    {
        var drafts = new Draft[segments.Count];
        OneFailure(() => Parallel.For(0, segments.Count, index => drafts[index] = Read(segments[index])));
        var batch = new Batch(_ledger.Journal);
        foreach (var draft in drafts)
        {
            if (IsTaken(draft.Segment))
            {
                if (draft.HasPicture) clock.Place(draft.Segment, draft.Facts);
                batch.Passed.Add(draft.Segment);
                continue;
            }
            var before = batch.Journal;
            var after = draft.HasPicture ? Complete(draft, clock, before, dropped, batch) : Lose(draft, null, before, SegmentSalvage.IsCut(draft.Segment.Path) ? LossReason.Incomplete : LossReason.Unusable);
            batch.Journal = after.WithSegment(draft.Segment.Index);
            batch.Drafts.Add(draft);
            if (draft.Loss is { } loss) batch.Gaps.Add(new(loss.From, loss.To, loss.Reason));
        }
        return batch;
    }

    private bool IsTaken(ClosedSegment segment) => segment.Index >= 0 && segment.Index < Journal.Source?.Segments;

    private Draft Read(ClosedSegment segment)
    {
        Activity.Current = null;
        if (IsTaken(segment)) return new(segment, ChunkReader.Read(segment.Path), capture: null);
        var capture = Telemetry.Source.StartActivity("chunk capture", ActivityKind.Internal, default(ActivityContext), startTime: segment.ClosedAt);
        var facts = ChunkReader.Read(segment.Path);
        DurableFile.Sync(segment.Path);
        return new(segment, facts, capture);
    }

    // A segment's place in time is known only from its frames; without them it begins where the last one ended.
    private StreamJournal Lose(Draft draft, Placement? placement, StreamJournal journal, string reason)
    {
        var (segment, facts) = (draft.Segment, draft.Facts);
        var length = segment.End - segment.Start;
        var from = Instants.RoundToMicrosecond(placement?.From ?? journal.LastTo ?? segment.ClosedAt - length);
        var to = placement?.To ?? from + Instants.RoundToMicrosecond(length < TimeSpan.Zero ? TimeSpan.Zero : length);
        draft.Loss = NewLoss(from, to, reason, placement?.Epoch ?? journal.Epoch, journal) with
        {
            Frames = placement is null ? null : facts.Frames,
            Bytes = facts.Size,
            Traceparent = draft.Capture?.Id,
        };
        draft.Bytes = LossJson.Write(draft.Loss);
        return journal.After(draft.Loss, draft.Bytes);
    }

    private LossRecord NewLoss(DateTimeOffset from, DateTimeOffset to, string reason, string? epoch, StreamJournal journal)
    {
        var id = new ChunkId(_stream.Id, epoch ?? Epoch.Name(from), journal.NextSequence);
        return new()
        {
            Chunk = id.ToString(),
            Stream = id.Stream,
            Epoch = id.Epoch,
            Sequence = id.Sequence,
            Object = new LossObjectName(id.Stream, from, id.Sequence).ToString(),
            From = from,
            To = to,
            Reason = reason,
            Bytes = 0,
            Declared = Instants.RoundToMicrosecond(_time.GetUtcNow()),
            Previous = journal.Previous,
        };
    }

    private StreamJournal Complete(Draft draft, EpochClock clock, StreamJournal journal, string? dropped, Batch batch)
    {
        var facts = draft.Facts;
        var placement = clock.Place(draft.Segment, facts);
        NoteGap(placement, journal, batch.Gaps);
        if (dropped is not null) return Lose(draft, placement, journal, dropped);
        var id = new ChunkId(_stream.Id, placement.Epoch, journal.NextSequence);
        draft.Manifest = Manifest(draft, id, placement, journal.Previous, Lease(batch));
        draft.Bytes = ManifestJson.Write(draft.Manifest);
        draft.Signature = _signer.Sign(draft.Bytes);
        draft.Files = _spool.ReadyFiles(id, draft.Container);
        draft.Capture?.SetTag("crispy.chunk", id.ToString()).SetTag("crispy.frames", facts.Frames).SetTag("crispy.bytes", facts.Size);
        return journal.After(draft.Manifest, draft.Bytes);
    }

    private void NoteGap(Placement placement, StreamJournal journal, List<Gap> gaps)
    {
        if (placement.Follows || GapReason is not { } reason) return;
        var last = _recordedTo is { } elsewhere && !(journal.LastTo > elsewhere) ? elsewhere : journal.LastTo;
        if (last is { } to && placement.From > to) gaps.Add(new(to, placement.From, reason));
        GapReason = "discontinuity";
    }

    private ChunkLease? Lease(Batch batch) => _token is not { } token ? null
        : new(SpoolName, token, batch.Drafts.Any(draft => draft.Manifest?.Lease?.After is not null) ? null : _after);

    private ChunkManifest Manifest(Draft draft, ChunkId id, Placement placement, string? previous, ChunkLease? lease)
    {
        var (facts, cut) = (draft.Facts, draft.Segment.Cut);
        var duration = Instants.RoundToMicrosecond(Length(draft));
        var contradiction = Contradiction(draft);
        return new()
        {
            Chunk = id.ToString(),
            Stream = id.Stream,
            Epoch = id.Epoch,
            Sequence = id.Sequence,
            Object = new ObjectName(id.Stream, placement.From, id.Sequence, draft.Container).ToString(),
            From = placement.From,
            To = placement.To,
            Duration = duration,
            Frames = facts.Frames,
            Keyframes = facts.Keyframes,
            Fps = duration > TimeSpan.Zero ? RoundedRate(Shown(draft) / duration.TotalSeconds) : 0,
            Width = facts.Video!.Width,
            Height = facts.Video.Height,
            Channels = facts.Video.Channels,
            Codec = facts.Video.Codec,
            Container = draft.Container,
            Size = facts.Size,
            Sha256 = facts.Sha256,
            Crc32c = facts.Crc32cBase64,
            Clock = placement.Clock,
            Flags = Flags(draft, placement, contradiction is not null),
            Variable = cut?.IsVariable == true ? true : null,
            BitDepth = facts.Video.BitDepth,
            Chroma = facts.Video.Chroma,
            Rotation = cut is { Rotation: not 0 } ? cut.Rotation : null,
            Sar = cut is not null && cut.PixelWidth != cut.PixelHeight ? $"{cut.PixelWidth}:{cut.PixelHeight}" : null,
            FieldOrder = cut?.FieldOrder,
            LeadingPictures = cut is { LeadingPictures: > 0 } ? cut.LeadingPictures : null,
            RecoveryPictures = cut is { RecoveryPictures: > 0 } ? cut.RecoveryPictures : null,
            Hidden = cut is { HiddenPictures: > 0 } ? new(cut.HiddenPictures, Instants.Seconds(cut.Hidden)) : null,
            Holes = cut is { Holes.Count: > 0 } ? [.. cut.Holes.Select(hole => (IReadOnlyList<decimal>)[Instants.Seconds(hole.At), Instants.Seconds(hole.Length)])] : null,
            Times = cut?.Times switch { TimeBasis.Declared => "declared", TimeBasis.Arrival => "arrival", _ => null },
            UnknownEnd = cut is { EndIsKnown: true } ? null : true,
            UntimedPictures = cut is { Times: TimeBasis.Source, UntimedPictures: > 0 } ? cut.UntimedPictures : null,
            LateSound = cut is { LateSound: > 0 } ? cut.LateSound : null,
            Seam = cut?.Seam is { } seam ? new(JsonNamingPolicy.CamelCase.ConvertName(seam.Kind.ToString()), Instants.Seconds(seam.By)) : null,
            Contradiction = contradiction,
            Previous = previous,
            Lease = lease,
            Traceparent = draft.Capture?.Id,
        };
    }

    // The cutter knows a chunk's length to its source's tick, its file to its container's.
    private static TimeSpan Length(Draft draft) => draft.Segment.Cut is { } cut ? cut.End - cut.Start : draft.Facts.Duration;

    private static double RoundedRate(double rate) => Math.Round(rate, rate < 1 ? 6 : 3);

    private static long Shown(Draft draft) => draft.Facts.Frames - (draft.Segment.Cut?.HiddenPictures ?? 0);

    // The file is read as anybody else would read it: what it says must be what was written.
    private static string? Contradiction(Draft draft)
    {
        if (draft.Segment.Cut is not { } cut) return null;
        var facts = draft.Facts;
        if (facts.Frames != cut.Pictures) return string.Create(CultureInfo.InvariantCulture, $"{cut.Pictures} frames were written and {facts.Frames} are in the file");
        // Only Matroska says how long a picture lasts: of the others a reader must guess it of the last one.
        if (facts.Container != ChunkContainer.Matroska) return null;
        var length = cut.End - cut.Start + cut.Hidden;
        return (facts.Duration - length).Duration() > MostRounding
            ? string.Create(CultureInfo.InvariantCulture, $"{Instants.Seconds(length)} s were written and {Instants.Seconds(facts.Duration)} s are in the file")
            : null;
    }

    private List<string> Flags(Draft draft, Placement placement, bool isContradicted)
    {
        var flags = new List<string>();
        var cut = draft.Segment.Cut;
        if (Length(draft) > _stream.Window * 2) flags.Add(ChunkFlag.Oversize);
        if (!draft.Facts.StartsWithKeyframe) flags.Add(ChunkFlag.NoLeadingKeyframe);
        if (cut is { IsOpen: true }) flags.Add(ChunkFlag.OpenGop);
        if (cut is { RecoveryPictures: > 0 }) flags.Add(ChunkFlag.IntraRefresh);
        // A camera's first picture has no time as a rule: it stands one distance before the second.
        if (cut is { Times: not TimeBasis.Source } or { UntimedPictures: > 1 }) flags.Add(ChunkFlag.UnknownTimes);
        if (draft.Facts.IsDamaged || draft.Segment.IsDamaged || isContradicted) flags.Add(ChunkFlag.Damaged);
        if (!placement.Follows) flags.Add(ChunkFlag.Discontinuity);
        if (draft.Segment.IsLast) flags.Add(ChunkFlag.Final);
        return flags;
    }

    // Each step is remembered as done, so that after a refusal of the disk none is done twice: a manifest that was given its name may be gone already.
    private IReadOnlyList<SpooledLoss> Store(Batch batch)
    {
        Failpoint.Pass("manifest-made");
        var lost = batch.Drafts.Where(draft => draft.Loss is not null).ToList();
        if (lost.Count > 0) Directory.CreateDirectory(_spool.Lost(_stream.Id));
        OneFailure(() => Parallel.ForEach(batch.Drafts.Where(draft => !draft.IsWritten), Write));
        DurableFile.SyncFolder(_spool.Ready(_stream.Id));
        if (lost.Count > 0) DurableFile.SyncFolder(_spool.Lost(_stream.Id));
        Failpoint.Pass("manifest-pending");
        if (!batch.IsCounted) Count(batch, lost);
        Failpoint.Pass("journal-written");
        foreach (var draft in batch.Drafts.Where(draft => draft.Loss is null && !draft.IsNamed))
        {
            File.Move(draft.Files.Manifest + Pending, draft.Files.Manifest);
            draft.IsNamed = true;
        }
        DurableFile.SyncFolder(_spool.Ready(_stream.Id));
        Failpoint.Pass("manifest-ready");
        foreach (var draft in lost.Where(draft => draft.Loss!.Reason == LossReason.DroppedNewest)) File.Delete(LostSegment(draft));
        foreach (var draft in lost) LossDesk.Quarantine(LostSegment(draft), draft.Container);
        return lost.Count > 0 ? _losses.MakeReady() : [];
    }

    private void Write(Draft draft)
    {
        using var spool = Telemetry.Source.StartActivity("chunk spool", ActivityKind.Internal, draft.Capture?.Context ?? default);
        if (draft.Loss is { } loss)
        {
            _losses.Write(loss, draft.Bytes);
            File.Move(draft.Segment.Path, LostSegment(draft));
        }
        else
        {
            if (!draft.IsMoved) File.Move(draft.Segment.Path, draft.Files.Chunk);
            draft.IsMoved = true;
            Failpoint.Pass("chunk-moved");
            DurableFile.Write(draft.Files.Manifest + Pending, SignedManifest.Write(draft.Bytes, draft.Signature));
        }
        draft.IsWritten = true;
    }

    // What changed meanwhile of other chunks stays; what workers stored is counted in the same write.
    private void Count(Batch batch, List<Draft> lost)
    {
        var (now, after) = (_ledger.Journal, batch.Journal);
        var stored = _spool.StoredManifests(_stream.Id).ToList();
        _ledger.Write((now with
        {
            NextSequence = after.NextSequence,
            Previous = after.Previous,
            RunTo = after.RunTo,
            Source = after.Source,
            Epoch = after.Epoch,
            LastTo = after.LastTo,
            Captured = after.Captured,
        }).WithStored(SpoolCount.Sequences(stored)).WithLost(lost.Select(draft => draft.Loss!.Sequence), batch.Gaps));
        batch.IsCounted = true;
        if (stored.Count > 0) _ledger.Stored?.Invoke(stored);
        foreach (var manifest in stored) File.Delete(manifest);
    }

    private string LostSegment(Draft draft) =>
        Path.ChangeExtension(LossFiles.In(_spool.Lost(_stream.Id), new(draft.Loss!.Stream, draft.Loss.Epoch, draft.Loss.Sequence)).Record, LossDesk.Segment);

    // The disk's refusal is what callers know how to wait for.
    private static void OneFailure(Action parallel)
    {
        try
        {
            parallel();
        }
        catch (AggregateException several) when (several.InnerExceptions.FirstOrDefault(each => each is IOException) is { } refusal)
        {
            throw new IOException(refusal.Message, refusal);
        }
    }

    private SpooledChunk Finish(Draft draft)
    {
        var manifest = draft.Manifest!;
        if (draft.Capture is { } capture) Activity.Current = capture; // What is logged is part of the chunk's trace.
        Telemetry.Captured(_stream.Id, manifest.Frames, manifest.Size);
        Log.ChunkReady(_log, manifest.Chunk, manifest.Frames, manifest.Size, manifest.Duration.TotalSeconds, manifest.Flags);
        draft.Capture?.Dispose();
        return new(draft.Files.Manifest, manifest, draft.Bytes, draft.Signature);
    }

    private sealed class Batch(StreamJournal journal)
    {
        public List<Draft> Drafts { get; } = [];

        public List<Gap> Gaps { get; } = [];

        /// <summary>Settled before an interruption.</summary>
        public List<ClosedSegment> Passed { get; } = [];

        /// <summary>As it will be.</summary>
        public StreamJournal Journal { get; set; } = journal;

        public bool IsCounted { get; set; }
    }

    private sealed class Draft(ClosedSegment segment, ChunkFacts facts, Activity? capture)
    {
        public ClosedSegment Segment { get; } = segment;

        public ChunkFacts Facts { get; } = facts;

        /// <summary>By its name: what a crash left may be of another one than the stream has now.</summary>
        public string Container { get; } = ChunkContainer.Of(segment.Path) ?? ChunkContainer.Matroska;

        public Activity? Capture { get; } = capture;

        public ChunkManifest? Manifest { get; set; }

        public LossRecord? Loss { get; set; }

        /// <summary>Whether there is anything to see in it.</summary>
        public bool HasPicture => Facts.Frames > 0 && Facts.Video is not null;

        public bool IsMoved { get; set; }

        public bool IsWritten { get; set; }

        public bool IsNamed { get; set; }

        public byte[] Bytes { get; set; } = [];

        public string Signature { get; set; } = "";

        public ChunkFiles Files { get; set; }
    }
}
