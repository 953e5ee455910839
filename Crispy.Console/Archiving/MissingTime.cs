using Crispy.Archive;
using Crispy.Console.StreamHandles;
using Crispy.Contracts;

namespace Crispy.Console.Archiving;

/// <summary>Something that a camera lacks: time, or chunks that cannot be stored.</summary>
/// <param name="Stream">The stream's id.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record MissingItem(string Stream, DateTimeOffset From, DateTimeOffset To, MissingKind Kind, string Reason)
{
    /// <summary>How long it is.</summary>
    public TimeSpan Length => To - From;
}

/// <summary>What something missing is, worst first.</summary>
public enum MissingKind
{
    /// <summary>Numbers that are nowhere, and nobody declared lost.</summary>
    Hole,

    /// <summary>Recorded, and declared lost.</summary>
    Loss,

    /// <summary>Recorded, and no retry can store it.</summary>
    Dead,

    /// <summary>Not recorded.</summary>
    Gap,

    /// <summary>Nothing lacks, but the camera's clock was stepped: times before and after are not to be compared.</summary>
    Clock,
}

/// <summary>Gathers what all cameras lack, and steps of their clocks, in a range,
/// with the reasons that the stream-handles remember.</summary>
public sealed class MissingTime(ChunkArchive archive, KnownStreams streams, DeadLetters letters)
{
    private const int MostDead = 1000;

    /// <summary>The list, longest first.</summary>
    /// <param name="from">UTC.</param>
    /// <param name="to">UTC.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    /// <exception cref="ArchiveQueryException">The range cannot be read.</exception>
    public async Task<IReadOnlyList<MissingItem>> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken stop)
    {
        var ledger = await archive.LedgerAsync(from, to, null, stop);
        var dead = await DeadAsync(from, to, stop);
        return [.. ledger.Streams.SelectMany(Items).Concat(dead).OrderByDescending(item => item.Length).ThenBy(item => item.From)];
    }

    private IEnumerable<MissingItem> Items(LedgerStream stream)
    {
        foreach (var loss in stream.Losses) yield return new(stream.Id, loss.From, loss.To, MissingKind.Loss, ReasonWords.Of(loss.Reason));
        foreach (var hole in stream.Holes)
            yield return new(stream.Id, hole.From, hole.To, MissingKind.Hole, ReasonWords.Of(GapReason.Missing));
        var known = streams.Find(stream.Id)?.Report;
        foreach (var gap in stream.Gaps.Where(gap => gap.Reason != GapReason.Missing))
            yield return new(stream.Id, gap.From, gap.To, MissingKind.Gap, Why(gap, known));
        foreach (var step in stream.ClockSteps) yield return new(stream.Id, step.At, step.At, MissingKind.Clock, Words(step));
    }

    /// <summary>What a step of a camera's clock is called.</summary>
    internal static string Words(LedgerClockStep step) =>
        $"the camera's clock was set {(step.Seconds < 0 ? "back" : "forward")} by "
            + $"{Condition.Span(TimeSpan.FromSeconds(Math.Abs(step.Seconds)))}";

    /// <summary>What stream-handle says of a gap: that of its own gaps which covers most of it. It remembers the newest only.</summary>
    internal static string Why(LedgerGap gap, StreamReport? known)
    {
        var own = known?.Gaps.Select(each => (Gap: each, Common: Instant.Earlier(each.To, gap.To) - Instant.Later(each.From, gap.From)))
            .Where(each => each.Common > TimeSpan.Zero).OrderByDescending(each => each.Common).FirstOrDefault().Gap;
        if (own is not null) return own.Text;
        // One that still lasts has no end yet, and so is no gap of stream-handle's.
        return known switch
        {
            { State: StreamState.Paused } when gap.To >= (known.LastChunk?.To ?? DateTimeOffset.MaxValue) => "it is paused",
            { State: StreamState.Backoff or StreamState.Failed, Error: { } error }
                when gap.To >= (known.LastChunk?.To ?? DateTimeOffset.MaxValue) => Cause.Of(error, known.Url),
            _ => ReasonWords.Of(gap.Reason),
        };
    }

    // Without stream-handle the bucket's part is better than nothing: the page says who is away.
    private async Task<IEnumerable<MissingItem>> DeadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken stop)
    {
        try
        {
            var (found, _) = await letters.ListAsync(null, MostDead, stop);
            return found.Where(letter => letter.Chunk.From < to && letter.Chunk.To > from)
                .Select(letter =>
                    new MissingItem(letter.Stream, letter.Chunk.From!.Value, letter.Chunk.To!.Value, MissingKind.Dead, letter.Chunk.Error));
        }
        catch (Exception away) when (away is RefusedException || StreamHandleClient.IsNoAnswer(away, stop))
        {
            return [];
        }
    }
}
