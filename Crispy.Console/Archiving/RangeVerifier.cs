using Crispy.Archive;
using Crispy.Contracts;

namespace Crispy.Console.Archiving;

/// <summary>What a look at every chunk of a range found.</summary>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="IsGood">Whether all that is stored is what was signed, and no sequence number is missing.</param>
/// <param name="Summary">In a sentence.</param>
/// <param name="Lines">What there is to say besides.</param>
public sealed record Verdict(DateTimeOffset From, DateTimeOffset To, bool IsGood, string Summary, IReadOnlyList<string> Lines);

/// <summary>Verifies a range by what the bucket says of its objects. Each manifest's signature must be right, and the object's name, size
/// and CRC32C must be those that were signed. No video is read.</summary>
public sealed class RangeVerifier(ChunkArchive archive)
{
    private const int MostNamed = 5;

    /// <summary>Verifies.</summary>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    /// <exception cref="ArchiveQueryException">The range is none, or longer than the archive answers for.</exception>
    public async Task<Verdict> VerifyAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken stop = default)
    {
        var counts = new Dictionary<SignatureState, long>();
        var (bad, waiting, lost) = (new List<string>(), 0L, 0L);
        string? after = null;
        do
        {
            var page = await archive.ChunksAsync(
                new() { Stream = stream, From = from, To = to, Limit = ChunkQuery.MaxLimit, After = after }, stop);
            foreach (var chunk in page.Items)
            {
                if (chunk.State is ArchiveState.Spooled or ArchiveState.Dead) waiting++;
                if (chunk.State is ArchiveState.Lost) lost++;
                if (chunk.Signature is not { } state) continue;
                counts[state] = counts.GetValueOrDefault(state) + 1;
                if (state != SignatureState.Verified && bad.Count < MostNamed) bad.Add($"{chunk.Object}: {Words(state)}");
            }
            after = page.Next;
        }
        while (after is not null);
        var timeline = await archive.TimelineAsync(stream, from, to, 1000, stop);
        var missing = timeline.Spans.Where(span => span.Reason == GapReason.Missing).Sum(span => span.Chunks);
        return Judge(from, to, counts, bad, waiting, lost, missing);
    }

    private static Verdict Judge(DateTimeOffset from, DateTimeOffset to, Dictionary<SignatureState, long> counts, List<string> bad,
        long waiting, long lost, long missing)
    {
        var good = counts.GetValueOrDefault(SignatureState.Verified);
        var others = counts.Values.Sum() - good;
        List<string> lines = [.. bad];
        if (others > bad.Count) lines.Add($"{others - bad.Count} more.");
        if (missing > 0) lines.Add($"{Count(missing, "chunk is", "chunks are")} missing, and nobody declared them lost.");
        if (lost > 0) lines.Add($"{Count(lost, "chunk is", "chunks are")} declared lost by a signed record.");
        if (waiting > 0) lines.Add($"{Count(waiting, "chunk is", "chunks are")} not stored yet: nothing can be said of them here.");
        var summary = (good, others, missing) switch
        {
            (0, 0, 0) => "Nothing is stored in this range.",
            (_, 0, 0) => $"{Count(good, "object is", "objects are")} what was signed. No number is missing.",
            (_, 0, _) => $"{Count(good, "object is", "objects are")} what was signed, but the sequence has holes.",
            _ => $"{Count(others, "object", "objects")} of {good + others} cannot be believed.",
        };
        return new(from, to, others == 0 && missing == 0, summary, lines);
    }

    private static string Words(SignatureState state) => state switch
    {
        SignatureState.Invalid => "it is not what was signed",
        SignatureState.Missing => "nobody signed it",
        _ => "signed by a key that this console does not have",
    };

    private static string Count(long number, string one, string many) => $"{number} {(number == 1 ? one : many)}";
}
