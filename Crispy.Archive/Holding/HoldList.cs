using Crispy.Archive.Listing;
using Crispy.Archive.Retaining;
using Crispy.Contracts;

namespace Crispy.Archive.Holding;

/// <summary>Finds what is held by the objects themselves. Names are listed first, a thousand in a request, and metadata only of what is
/// held.</summary>
internal sealed class HoldList(Bucket bucket)
{
    private const int PageSize = 1000;

    private static readonly TimeSpan Seam = TimeSpan.FromSeconds(1);

    /// <summary>The held ranges of a stream that overlap a range, by time.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">UTC; null from the beginning on.</param>
    /// <param name="to">UTC; null to the end.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<IReadOnlyList<Hold>> ReadAsync(string stream, DateTimeOffset? from, DateTimeOffset? to,
        CancellationToken cancellation)
    {
        var pieces = new List<Hold>();
        foreach (var (prefix, isLoss) in ((string, bool)[])[($"{stream}/", false), ($"{stream}/_loss/", true)])
        {
            var (start, end) = (Name(from?.Subtract(Recorded.LongestChunk), isLoss, stream),
                Name(to, isLoss, stream) ?? (isLoss ? null : $"{stream}/_"));
            foreach (var run in await RunsAsync(prefix, start, end, cancellation).ConfigureAwait(false))
                await AddAsync(pieces, prefix, run, cancellation).ConfigureAwait(false);
        }
        return Together(pieces.Where(piece => (from is null || piece.To > from) && (to is null || piece.From < to)));
    }

    // The first and the last name of what is held in a row, a page of metadata at most.
    private async Task<List<(string First, string Last)>> RunsAsync(string prefix, string? start, string? end,
        CancellationToken cancellation)
    {
        var (runs, length) = (new List<(string First, string Last)>(), 0);
        await foreach (var found in bucket.ListAsync(prefix, Bucket.NameFields, start, end, cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (!found.IsHeld()) length = 0;
            else if (length is > 0 and < PageSize) (runs[^1], length) = ((runs[^1].First, found.Name!), length + 1);
            else
            {
                runs.Add((found.Name!, found.Name!));
                length = 1;
            }
        }
        return runs;
    }

    private async Task AddAsync(List<Hold> pieces, string prefix, (string First, string Last) run, CancellationToken cancellation)
    {
        var reading = new ObjectReading();
        await foreach (var found in bucket.ListAsync(prefix, Bucket.AllFields, run.First, run.Last + "~", cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (!found.IsHeld() || reading.Read(found) is not { } item) continue;
            var lost = item.State == ArchiveState.Lost ? 1 : 0;
            pieces.Add(new(item.From, item.To, HoldMetadata.NoteOf(found), 1 - lost, lost, item.Size));
        }
    }

    private static List<Hold> Together(IEnumerable<Hold> pieces)
    {
        var holds = new List<Hold>();
        foreach (var piece in pieces.OrderBy(piece => piece.From))
        {
            var same = holds.FindLastIndex(hold => hold.Note == piece.Note && piece.From - hold.To <= Seam);
            if (same < 0) holds.Add(piece);
            else holds[same] = holds[same] with
            {
                To = piece.To > holds[same].To ? piece.To : holds[same].To, Chunks = holds[same].Chunks + piece.Chunks,
                LossRecords = holds[same].LossRecords + piece.LossRecords, Bytes = holds[same].Bytes + piece.Bytes,
            };
        }
        return holds;
    }

    // Without number and extension: less than every name of this instant.
    private static string? Name(DateTimeOffset? instant, bool isLoss, string stream)
    {
        if (instant is not { } at) return null;
        var name = isLoss ? new LossObjectName(stream, at, 0).ToString()
            : new ObjectName(stream, at, 0, ChunkContainer.Matroska).ToString();
        return name[..name.LastIndexOf('-')];
    }
}
