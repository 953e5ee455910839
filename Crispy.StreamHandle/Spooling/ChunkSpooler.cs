using System.Diagnostics;
using System.Security.Cryptography;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>
/// Turns the closed segments of one stream into chunks that are ready, in order. Several segments that wait at once share their fsyncs.
/// A crash between any two steps loses nothing and uses no sequence number twice (<see cref="SpoolRecovery"/>):
/// <list type="number">
/// <item>chunk and signature durable in <c>ready/</c>, manifest durable beside its name (<c>.json.pending</c>);</item>
/// <item>the journal says that the sequence numbers are used;</item>
/// <item>the manifest gets its name, and the chunk is ready.</item>
/// </list>
/// </summary>
internal sealed class ChunkSpooler
{
    /// <summary>What is written beside a manifest's name before the journal knows it.</summary>
    public const string Pending = ".pending";

    private readonly StreamOptions _stream;
    private readonly SpoolLayout _spool;
    private readonly ManifestSigner _signer;
    private readonly ILogger _log;
    private StreamJournal _journal;

    public ChunkSpooler(StreamOptions stream, SpoolLayout spool, ManifestSigner signer, StreamJournal journal, ILogger log) =>
        (_stream, _spool, _signer, _journal, _log) = (stream, spool, signer, journal, log);

    /// <summary>What the stream remembers now.</summary>
    public StreamJournal Journal => Volatile.Read(ref _journal);

    /// <summary>Makes segments ready. Those without a single frame are no chunks and stay where they are.</summary>
    /// <param name="segments">In order.</param>
    /// <param name="run">The name of their ffmpeg's folder.</param>
    /// <param name="clock">Their run's clock.</param>
    public IReadOnlyList<SpooledChunk> Spool(IReadOnlyList<ClosedSegment> segments, string run, EpochClock clock)
    {
        var drafts = new Draft[segments.Count];
        Parallel.For(0, segments.Count, index => drafts[index] = Read(segments[index]));
        var journal = _journal;
        var chunks = new List<Draft>(drafts.Length);
        foreach (var draft in drafts)
        {
            if (Complete(draft, run, clock, journal) is not { } after) continue;
            journal = after;
            chunks.Add(draft);
        }
        if (chunks.Count == 0) return [];
        Store(chunks, journal);
        return [.. chunks.Select(Finish)];
    }

    private static Draft Read(ClosedSegment segment)
    {
        Activity.Current = null;
        var capture = Telemetry.Source.StartActivity("chunk capture", ActivityKind.Internal, default(ActivityContext), startTime: segment.ClosedAt);
        var facts = ChunkReader.Read(segment.Path);
        DurableFile.Sync(segment.Path);
        return new(segment, facts, capture);
    }

    private StreamJournal? Complete(Draft draft, string run, EpochClock clock, StreamJournal journal)
    {
        var facts = draft.Facts;
        if (facts.Frames == 0 || facts.Video is null)
        {
            draft.Capture?.Dispose();
            Log.SegmentWithoutFrames(_log, _stream.Id, draft.Segment.Path, facts.Size);
            return null;
        }
        var placement = clock.Place(draft.Segment, facts);
        var id = new ChunkId(_stream.Id, placement.Epoch, journal.NextSequence);
        draft.Manifest = Manifest(draft, id, placement, journal.Previous);
        draft.Bytes = ManifestJson.Write(draft.Manifest);
        draft.Signature = _signer.Sign(draft.Bytes);
        draft.Files = _spool.ReadyFiles(id, _stream.Container);
        draft.Capture?.SetTag("crispy.chunk", id.ToString()).SetTag("crispy.frames", facts.Frames).SetTag("crispy.bytes", facts.Size);
        return journal with
        {
            NextSequence = journal.NextSequence + 1,
            Previous = Convert.ToHexStringLower(SHA256.HashData(draft.Bytes)),
            Run = run,
            Epoch = placement.Epoch,
            LastTo = draft.Manifest.To,
            Captured = journal.Captured.Plus(facts.Frames, facts.Size),
        };
    }

    private ChunkManifest Manifest(Draft draft, ChunkId id, Placement placement, string? previous)
    {
        var facts = draft.Facts;
        var duration = Instants.RoundToMicrosecond(facts.Duration);
        return new()
        {
            Chunk = id.ToString(),
            Stream = id.Stream,
            Epoch = id.Epoch,
            Sequence = id.Sequence,
            Object = new ObjectName(id.Stream, placement.From, id.Sequence, _stream.Container).ToString(),
            From = placement.From,
            To = placement.From + duration,
            Duration = duration,
            Frames = facts.Frames,
            Keyframes = facts.Keyframes,
            Fps = Math.Round(facts.Fps, 3),
            Width = facts.Video!.Width,
            Height = facts.Video.Height,
            Channels = facts.Video.Channels,
            Codec = facts.Video.Codec,
            Container = _stream.Container,
            Size = facts.Size,
            Sha256 = facts.Sha256,
            Crc32c = facts.Crc32cBase64,
            Clock = placement.Clock,
            Flags = Flags(draft, placement),
            Previous = previous,
            Traceparent = draft.Capture?.Id,
        };
    }

    private List<string> Flags(Draft draft, Placement placement)
    {
        var flags = new List<string>();
        if (draft.Facts.Duration > _stream.Window * 2) flags.Add(ChunkFlag.Oversize);
        if (!draft.Facts.StartsWithKeyframe) flags.Add(ChunkFlag.NoLeadingKeyframe);
        if (draft.Facts.IsDamaged || draft.Segment.IsDamaged) flags.Add(ChunkFlag.Damaged);
        if (!placement.Follows) flags.Add(ChunkFlag.Discontinuity);
        if (draft.Segment.IsLast) flags.Add(ChunkFlag.Final);
        return flags;
    }

    private void Store(List<Draft> chunks, StreamJournal journal)
    {
        Parallel.ForEach(chunks, draft =>
        {
            using var spool = Telemetry.Source.StartActivity("chunk spool", ActivityKind.Internal, draft.Capture?.Context ?? default);
            DurableFile.Write(draft.Files.Signature, System.Text.Encoding.ASCII.GetBytes(draft.Signature));
            DurableFile.Write(draft.Files.Manifest + Pending, draft.Bytes);
            File.Move(draft.Segment.Path, draft.Files.Chunk);
        });
        DurableFile.SyncFolder(_spool.Ready(_stream.Id));
        journal.Write(_spool.Journal(_stream.Id));
        Volatile.Write(ref _journal, journal);
        foreach (var draft in chunks) File.Move(draft.Files.Manifest + Pending, draft.Files.Manifest);
        DurableFile.SyncFolder(_spool.Ready(_stream.Id));
    }

    private SpooledChunk Finish(Draft draft)
    {
        var manifest = draft.Manifest!;
        Telemetry.Captured(_stream.Id, manifest.Frames, manifest.Size);
        Log.ChunkReady(_log, manifest.Chunk, manifest.Frames, manifest.Size, manifest.Duration.TotalSeconds, manifest.Flags);
        draft.Capture?.Dispose();
        return new(draft.Files.Manifest, manifest, draft.Bytes, draft.Signature);
    }

    private sealed class Draft(ClosedSegment segment, ChunkFacts facts, Activity? capture)
    {
        public ClosedSegment Segment { get; } = segment;

        public ChunkFacts Facts { get; } = facts;

        public Activity? Capture { get; } = capture;

        public ChunkManifest? Manifest { get; set; }

        public byte[] Bytes { get; set; } = [];

        public string Signature { get; set; } = "";

        public ChunkFiles Files { get; set; }
    }
}
