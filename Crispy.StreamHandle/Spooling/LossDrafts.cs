using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Says what of a stream is lost, each loss with the next number of the chain.</summary>
internal sealed class LossDrafts(StreamOptions stream, TimeProvider time)
{
    /// <summary>A segment that cannot be kept. Its place in time is known only from its frames; without them it begins where the last one
    /// ended.</summary>
    /// <param name="read">The segment.</param>
    /// <param name="placement">Its place; null where nothing in it tells.</param>
    /// <param name="journal">What the stream remembers before it.</param>
    /// <param name="reason">Why it is lost.</param>
    public LossRecord Of(ReadSegment read, Placement? placement, StreamJournal journal, string reason)
    {
        var (segment, facts) = (read.Segment, read.Facts);
        var length = segment.End - segment.Start;
        var from = Instants.RoundToMicrosecond(placement?.From ?? journal.LastTo ?? segment.ClosedAt - length);
        var to = placement?.To ?? from + Instants.RoundToMicrosecond(length < TimeSpan.Zero ? TimeSpan.Zero : length);
        return New(from, to, reason, placement?.Epoch ?? journal.Epoch, journal) with
        {
            Frames = placement is null ? null : facts.Frames,
            Bytes = facts.Size,
            Traceparent = read.Capture?.Id,
        };
    }

    /// <summary>Times of a finite source that could not be read. Said once for a source, however often it is tried again.</summary>
    /// <param name="ranges">From its first picture on.</param>
    /// <param name="journal">What the stream remembers before them.</param>
    public (IReadOnlyList<(LossRecord Record, byte[] Bytes)> Records, StreamJournal After) Missing(
        IReadOnlyList<MissingRange> ranges, StreamJournal journal)
    {
        var records = new List<(LossRecord, byte[])>();
        if (journal.Source is not { IsMissingDeclared: false } source) return (records, journal);
        foreach (var range in ranges)
        {
            var from = Instants.RoundToMicrosecond(source.FirstFrame + range.From);
            var to = Instants.RoundToMicrosecond(source.FirstFrame + range.To);
            var loss = New(from, to, LossReason.Incomplete, journal.Epoch, journal);
            var bytes = LossJson.Write(loss);
            journal = journal.After(loss, bytes);
            records.Add((loss, bytes));
        }
        return (records, journal with { Source = source with { IsMissingDeclared = true } });
    }

    private LossRecord New(DateTimeOffset from, DateTimeOffset to, string reason, string? epoch, StreamJournal journal)
    {
        var id = new ChunkId(stream.Id, epoch ?? Epoch.Name(from), journal.NextSequence);
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
            Declared = Instants.RoundToMicrosecond(time.GetUtcNow()),
            Previous = journal.Previous,
        };
    }
}
