using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Crispy.Contracts;
using Crispy.Coordination;
using Crispy.Media;
using Crispy.Muxing.Cutting;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Makes chunks of the closed segments of one stream, in order: reads each, places it in time, numbers, describes and signs it. The spool stores them
/// (<see cref="StreamSpool.Store"/>), several that wait at once together.</summary>
internal sealed class ChunkSpooler
{
    /// <summary>Two times rounded to Matroska's milliseconds, and a frame's length that the file's reader must guess.</summary>
    private static readonly TimeSpan MostRounding = TimeSpan.FromMilliseconds(3);

    private readonly StreamOptions _stream;
    private readonly StreamSpool _spool;
    private readonly ManifestSigner _signer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Batch? _unfinished;
    private long? _token;
    private ChainEnd? _after;
    private DateTimeOffset? _recordedTo;

    public ChunkSpooler(StreamOptions stream, StreamSpool spool, ManifestSigner signer, TimeProvider time, ILogger log) =>
        (_stream, _spool, _signer, _time, _log, _token) = (stream, spool, signer, time, log, spool.Journal.LeaseToken);

    /// <summary>What the stream remembers now.</summary>
    public StreamJournal Journal => _spool.Journal;

    /// <summary>Why the next chunk that does not follow on from the one before it does not; null where its time has no gaps to tell of, as that of a file.</summary>
    public string? GapReason { get; set; }

    /// <summary>The spool's name, which manifests carry where streams are leased.</summary>
    public string SpoolName { get; init; } = "local";

    /// <summary>Whether nothing of the stream is known to have been recorded yet, here or elsewhere.</summary>
    public bool IsFirst => Journal.NextSequence == 0 && _recordedTo is null;

    /// <summary>Records under a lease from now on, or without one. The chain goes on as this spool knows it; what another replica recorded last is named once, by the next chunk.</summary>
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
        _spool.Remember(journal => journal with { Run = run, RunTo = run == journal.Run ? journal.RunTo : null, Source = source, LeaseToken = _token });

    /// <summary>Remembers how far a finite source has been taken.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Remember(SourceProgress source) => _spool.Remember(journal => journal with { Source = source });

    /// <summary>Declares times of a finite source lost that could not be read. Done once for a source, however often it is tried again.</summary>
    /// <param name="ranges">From its first picture on.</param>
    /// <exception cref="IOException">The disk does not take the records: nothing is declared yet.</exception>
    public IReadOnlyList<SpooledLoss> DeclareMissing(IReadOnlyList<MissingRange> ranges) => _spool.DeclareLost(journal =>
    {
        var records = new List<(LossRecord, byte[])>();
        if (journal.Source is not { IsMissingDeclared: false } source) return (records, journal);
        foreach (var range in ranges)
        {
            var (from, to) = (Instants.RoundToMicrosecond(source.FirstFrame + range.From), Instants.RoundToMicrosecond(source.FirstFrame + range.To));
            var loss = NewLoss(from, to, LossReason.Incomplete, journal.Epoch, journal);
            var bytes = LossJson.Write(loss);
            journal = journal.After(loss, bytes);
            records.Add((loss, bytes));
        }
        return (records, journal with { Source = source with { IsMissingDeclared = true } });
    });

    /// <summary>Makes segments ready. Those without a single frame become loss records; those of a finite source that were settled before an
    /// interruption only move the clock on, and are deleted.</summary>
    /// <param name="segments">In order.</param>
    /// <param name="clock">Their run's clock.</param>
    /// <param name="dropped">Why all of them become loss records, where they do.</param>
    /// <exception cref="IOException">The disk does not take them. Nothing is lost; called again with the same segments it goes on.</exception>
    public SpooledBatch Spool(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? dropped = null)
    {
        _unfinished ??= Prepare(segments, clock, dropped);
        var batch = _unfinished;
        foreach (var segment in batch.Passed) OpenSegments.Drop(segment.Path);
        batch.ToStore ??= new(batch.Before, batch.Journal, [.. batch.Drafts.Select(ToStore)], batch.Gaps);
        var losses = batch.Drafts.Count == 0 ? [] : _spool.Store(batch.ToStore);
        _unfinished = null;
        if (batch.Drafts.Any(draft => draft.Manifest?.Lease?.After is not null)) _after = null;
        foreach (var lost in batch.Drafts.Where(draft => draft.Loss is not null)) lost.Capture?.Dispose();
        return new([.. batch.Drafts.Where(draft => draft.Loss is null).Select(Finish)], losses);
    }

    private static SegmentToStore ToStore(Draft draft)
    {
        IDisposable? Span() => Telemetry.Source.StartActivity("chunk spool", ActivityKind.Internal, draft.Capture?.Context ?? default);
        return draft.Loss is { } loss
            ? SegmentToStore.Lost(draft.Segment.Path, loss, draft.Bytes, Span)
            : SegmentToStore.Chunk(draft.Segment.Path, draft.Manifest!, draft.Bytes, draft.Signature, Span);
    }

    private Batch Prepare(IReadOnlyList<ClosedSegment> segments, EpochClock clock, string? dropped)
    {
        var drafts = new Draft[segments.Count];
        DiskRefusal.Unwrap(() => Parallel.For(0, segments.Count, index => drafts[index] = Read(segments[index])));
        var batch = new Batch(_spool.Journal);
        foreach (var draft in drafts)
        {
            if (IsTaken(draft.Segment))
            {
                if (draft.HasPicture) clock.Place(draft.Segment, draft.Facts);
                batch.Passed.Add(draft.Segment);
                continue;
            }
            var before = batch.Journal;
            var after = draft.HasPicture ? Complete(draft, clock, before, dropped, batch) : Lose(draft, null, before, OpenSegments.IsCut(draft.Segment.Path) ? LossReason.Incomplete : LossReason.Unusable);
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
        draft.Capture?.SetTag("crispy.chunk", id.ToString()).SetTag("crispy.frames", facts.Frames).SetTag("crispy.bytes", facts.Size);
        return journal.After(draft.Manifest, draft.Bytes);
    }

    private void NoteGap(Placement placement, StreamJournal journal, List<Gap> gaps)
    {
        if (placement.Follows || GapReason is not { } reason) return;
        var last = _recordedTo is { } elsewhere && !(journal.LastTo > elsewhere) ? elsewhere : journal.LastTo;
        if (last is { } to && placement.From > to) gaps.Add(new(to, placement.From, reason));
        GapReason = Gap.Discontinuity;
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

    private SpooledChunk Finish(Draft draft)
    {
        var manifest = draft.Manifest!;
        if (draft.Capture is { } capture) Activity.Current = capture; // What is logged is part of the chunk's trace.
        Telemetry.Captured(_stream.Id, manifest.Frames, manifest.Size);
        Log.ChunkReady(_log, manifest.Chunk, manifest.Frames, manifest.Size, manifest.Duration.TotalSeconds, manifest.Flags);
        draft.Capture?.Dispose();
        return new(_spool.ReadyManifest(manifest), manifest, draft.Bytes, draft.Signature);
    }

    private sealed class Batch(StreamJournal journal)
    {
        public List<Draft> Drafts { get; } = [];

        public List<Gap> Gaps { get; } = [];

        /// <summary>Settled before an interruption.</summary>
        public List<ClosedSegment> Passed { get; } = [];

        /// <summary>As it will be.</summary>
        public StreamJournal Journal { get; set; } = journal;

        /// <summary>As it was when their numbers were counted on from it.</summary>
        public StreamJournal Before { get; } = journal;

        /// <summary>What the spool gets; kept, since it remembers which steps are done.</summary>
        public SegmentBatch? ToStore { get; set; }
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

        public byte[] Bytes { get; set; } = [];

        public string Signature { get; set; } = "";
    }
}
