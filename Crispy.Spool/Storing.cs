using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>A segment that becomes a chunk, or a loss.</summary>
public sealed class SegmentToStore
{
    /// <summary>A segment with what was signed about it: the manifest of its chunk, or the record of its loss.</summary>
    /// <param name="path">The segment's file, durable.</param>
    /// <param name="statement">Exact bytes of the manifest or record.</param>
    /// <param name="signature">The detached JWS over them; of a loss the spool makes it.</param>
    /// <param name="span">Begins a span that lasts as long as its files are written.</param>
    private SegmentToStore(string path, byte[] statement, string signature, Func<IDisposable?> span) =>
        (Path, Statement, Signature, Span) = (path, statement, signature, span);

    /// <summary>A segment that becomes a chunk.</summary>
    public static SegmentToStore Chunk(string path, ChunkManifest manifest, byte[] bytes, string signature, Func<IDisposable?> span) =>
        new(path, bytes, signature, span) { Manifest = manifest };

    /// <summary>A segment that cannot be kept.</summary>
    public static SegmentToStore Lost(string path, LossRecord record, byte[] bytes, Func<IDisposable?> span) =>
        new(path, bytes, "", span) { Loss = record };

    /// <summary>The segment's file.</summary>
    public string Path { get; }

    /// <summary>The chunk's manifest; null where it is lost.</summary>
    public ChunkManifest? Manifest { get; private init; }

    /// <summary>The record of its loss; null where it becomes a chunk.</summary>
    public LossRecord? Loss { get; private init; }

    internal byte[] Statement { get; }

    internal string Signature { get; }

    internal Func<IDisposable?> Span { get; }

    // What is done is not done twice after a refusal of the disk: a manifest that was given its name may be gone already.
    internal bool IsMoved { get; set; }

    internal bool IsWritten { get; set; }

    internal bool IsNamed { get; set; }

    internal ChunkId Id =>
        Manifest is { } chunk ? new(chunk.Stream, chunk.Epoch, chunk.Sequence) : new(Loss!.Stream, Loss.Epoch, Loss.Sequence);

    internal string Container => ChunkContainer.Of(Path) ?? ChunkContainer.Matroska;
}

/// <summary>Segments that are stored together, and share their fsyncs.</summary>
/// <param name="before">The journal from which their numbers were counted on.</param>
/// <param name="after">The journal after them.</param>
/// <param name="segments">The segments, in the order of their numbers.</param>
/// <param name="gaps">Time that is missing between them and before them.</param>
public sealed class SegmentBatch(StreamJournal before, StreamJournal after, IReadOnlyList<SegmentToStore> segments, IReadOnlyList<Gap> gaps)
{
    /// <summary>The segments, in the order of their numbers.</summary>
    public IReadOnlyList<SegmentToStore> Segments { get; } = segments;

    internal StreamJournal Before { get; } = before;

    internal StreamJournal After { get; } = after;

    internal IReadOnlyList<Gap> Gaps { get; } = gaps;

    internal bool IsCounted { get; set; }
}

/// <summary>
/// Turns segments into chunks that are ready. A crash between any two steps loses nothing and uses no sequence number twice:
/// <list type="number">
/// <item>the chunk, durable in <c>ready/</c>, then the signed manifest beside its name (<c>.json.pending</c>);</item>
/// <item>the journal says that the sequence numbers are used;</item>
/// <item>the manifest gets its name, and the chunk is ready.</item>
/// </list>
/// </summary>
internal sealed class Storing(string stream, SpoolLayout layout, StreamLedger ledger, LossDeclaration losses,
    Func<StreamJournal, StreamJournal> countStored)
{
    /// <summary>Goes through the steps that are not done yet.</summary>
    /// <returns>Records of losses that are ready.</returns>
    /// <exception cref="IOException">The disk refuses: called again with the same batch it goes on.</exception>
    /// <exception cref="InvalidOperationException">The numbers of the batch were given meanwhile.</exception>
    public IReadOnlyList<SpooledLoss> Store(SegmentBatch batch)
    {
        if (!batch.IsCounted && ledger.Journal.NextSequence != batch.Before.NextSequence)
            throw new InvalidOperationException($"numbers of stream '{stream}' from {batch.Before.NextSequence} on were given already");
        var lost = batch.Segments.Where(segment => segment.Loss is not null).ToList();
        if (lost.Count > 0) Directory.CreateDirectory(layout.Lost(stream));
        Failpoint.Pass("manifest-made");
        DiskRefusal.Unwrap(() => Parallel.ForEach(batch.Segments.Where(segment => !segment.IsWritten), Write));
        DurableFile.SyncFolder(layout.Ready(stream));
        if (lost.Count > 0) DurableFile.SyncFolder(layout.Lost(stream));
        Failpoint.Pass("manifest-pending");
        if (!batch.IsCounted) Count(batch, lost);
        Failpoint.Pass("journal-written");
        foreach (var segment in batch.Segments.Where(segment => segment.Loss is null && !segment.IsNamed)) Name(segment);
        DurableFile.SyncFolder(layout.Ready(stream));
        Failpoint.Pass("manifest-ready");
        foreach (var segment in lost.Where(segment => segment.Loss!.Reason == LossReason.DroppedNewest)) File.Delete(LostSegment(segment));
        foreach (var segment in lost) LossDeclaration.KeepUnusable(LostSegment(segment), segment.Container);
        return lost.Count > 0 ? losses.MakeReady() : [];
    }

    private void Write(SegmentToStore segment)
    {
        using var span = segment.Span();
        if (segment.Loss is { } loss)
        {
            losses.Write(loss, segment.Statement);
            File.Move(segment.Path, LostSegment(segment));
        }
        else
        {
            var files = layout.ReadyFiles(segment.Id, segment.Container);
            if (!segment.IsMoved) File.Move(segment.Path, files.Chunk);
            segment.IsMoved = true;
            Failpoint.Pass("chunk-moved");
            DurableFile.Write(files.Manifest + ChunkFiles.Pending, SignedManifest.Write(segment.Statement, segment.Signature));
        }
        segment.IsWritten = true;
    }

    private void Name(SegmentToStore segment)
    {
        var manifest = layout.ReadyFiles(segment.Id, segment.Container).Manifest;
        File.Move(manifest + ChunkFiles.Pending, manifest);
        segment.IsNamed = true;
    }

    // What changed meanwhile of other chunks stays; what workers stored is counted in the same write.
    private void Count(SegmentBatch batch, List<SegmentToStore> lost)
    {
        var after = batch.After;
        countStored((ledger.Journal with
        {
            NextSequence = after.NextSequence,
            Previous = after.Previous,
            RunTo = after.RunTo,
            Source = after.Source,
            Epoch = after.Epoch,
            LastTo = after.LastTo,
            Captured = after.Captured,
        }).WithLost(lost.Select(segment => segment.Loss!.Sequence), batch.Gaps));
        batch.IsCounted = true;
    }

    private string LostSegment(SegmentToStore segment) =>
        Path.ChangeExtension(LossFiles.In(layout.Lost(stream), segment.Id).Record, LossDeclaration.Segment);
}
