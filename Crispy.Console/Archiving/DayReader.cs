using Crispy.Archive;
using Crispy.Console.StreamHandles;

namespace Crispy.Console.Archiving;

/// <summary>Reckons how much of a stream's last 24 hours is recorded. Time before its first chunk does not count: a camera that was just
/// added has missed nothing.</summary>
internal sealed class DayReader(ChunkArchive archive, TimeProvider clock)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // The chunk that is being recorded now, and on its way: no hole, for a while.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(30);

    /// <summary>Reckons.</summary>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    /// <exception cref="NotInArchiveException">Nothing is known of the stream.</exception>
    public async Task<Covered> ReadAsync(string stream, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var timeline = await archive.TimelineAsync(stream, now - Day, now, ChunkArchive.MostPixels, stop);
        if (timeline.Coverage <= 0) return new(await archive.BeginningAsync(stream, stop) is null ? null : 0, Day);
        // What is recorded at the day's beginning says that the stream is older than it.
        var first = timeline.Spans[0].Kind == SpanKind.Gap ? await archive.BeginningAsync(stream, stop) : null;
        var begin = first > timeline.From ? first.Value : timeline.From;
        var isOpen = timeline.Spans[^1] is { Kind: SpanKind.Gap, Reason: GapReason.Pending };
        var open = isOpen ? timeline.Spans[^1].To - timeline.Spans[^1].From : TimeSpan.Zero;
        var length = timeline.To - begin;
        var counted = length - (open < OnItsWay ? open : OnItsWay);
        return new(counted <= TimeSpan.Zero ? null : Math.Min(1, timeline.Coverage * (timeline.To - timeline.From) / counted), length);
    }
}
