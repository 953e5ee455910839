using Crispy.Spool;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Segments that are stored together, while it is being said what becomes of each. What is kept of it after a refusal of the
/// disk is stored again as it is.</summary>
/// <param name="journal">What the stream remembers before them.</param>
/// <param name="gapReason">Why the first that does not follow on does not; null where their time has no gaps to tell of.</param>
internal sealed class DraftBatch(StreamJournal journal, string? gapReason)
{
    private readonly StreamJournal _before = journal;
    private readonly List<SegmentStatement> _statements = [];
    private readonly List<ClosedSegment> _passed = [];
    private readonly List<Gap> _gaps = [];
    private SegmentBatch? _toStore;

    /// <summary>What is said of each, in order.</summary>
    public IReadOnlyList<SegmentStatement> Statements => _statements;

    /// <summary>Those that were settled before an interruption.</summary>
    public IReadOnlyList<ClosedSegment> Passed => _passed;

    /// <summary>The journal after what is said so far.</summary>
    public StreamJournal Journal { get; private set; } = journal;

    /// <summary>Why what comes next does not follow on, where it does not.</summary>
    public string? GapReason { get; private set; } = gapReason;

    /// <summary>Whether one of them names the chain of the one who recorded the stream before.</summary>
    public bool NamesOtherChain => _statements.Exists(statement => statement.Manifest?.Lease?.After is not null);

    /// <summary>What the spool gets; always the same one, since it remembers which steps are done.</summary>
    public SegmentBatch ToStore => _toStore ??= new(_before, Journal, [.. _statements.Select(statement => statement.ToStore())], _gaps);

    /// <summary>Passes over one that was settled before.</summary>
    public void Pass(ClosedSegment segment) => _passed.Add(segment);

    /// <summary>Takes the next one.</summary>
    public void Add(SegmentStatement statement)
    {
        Journal = statement.After(Journal);
        _statements.Add(statement);
        if (statement.Loss is { } loss) _gaps.Add(new(loss.From, loss.To, loss.Reason));
    }

    /// <summary>Notes the time that is missing before the next one.</summary>
    /// <param name="placement">The next one's place.</param>
    /// <param name="elsewhere">How far the stream was recorded elsewhere; null where that is not known.</param>
    public void NoteGap(Placement placement, DateTimeOffset? elsewhere)
    {
        if (placement.Follows || GapReason is not { } reason) return;
        var last = elsewhere is { } known && !(Journal.LastTo > known) ? known : Journal.LastTo;
        if (last is { } to && placement.From > to) _gaps.Add(new(to, placement.From, reason));
        GapReason = Gap.Discontinuity;
    }
}
