using Crispy.Archive.Chunks;
using Crispy.Archive.Listing;
using Crispy.Archive.Retaining;
using Crispy.Contracts;
using Microsoft.Extensions.Logging;

namespace Crispy.Archive.Holding;

/// <summary>Holds ranges, and releases them: each chunk and each loss record that overlaps one gets the bucket's temporary hold, or loses
/// it. The bucket itself then deletes none that is held, no matter what its rules say.</summary>
internal sealed class HoldKeeper(RangeReader ranges, ArchiveIndex index, Bucket bucket, TimeProvider time, ILogger<HoldKeeper> logger)
{
    private const int AtOnce = 8;
    private const int ShownFailures = 20;

    /// <exception cref="NotInArchiveException">The stream is not known.</exception>
    /// <exception cref="ArchiveAwayException">The bucket does not answer.</exception>
    public async Task<HoldReport> SetAsync(string stream, DateTimeOffset from, DateTimeOffset to, bool held, string? note,
        CancellationToken cancellation)
    {
        var content = await ranges.ReadAsync(stream, from, to, cancellation, notBefore: time.GetUtcNow()).ConfigureAwait(false);
        var objects = content.Items.Where(item => item.State is ArchiveState.Stored or ArchiveState.Lost).ToList();
        var due = objects.FindAll(item => item.Held != held || (held && note is not null));
        var failures = new List<HoldFailure>();
        try
        {
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (item, token) =>
            {
                if (await ChangeAsync(item.ObjectName(stream), item.Generation, held, note, token)
                    .ConfigureAwait(false) is not { } error) return;
                lock (failures) failures.Add(new(item.ObjectName(stream), error));
            }).ConfigureAwait(false);
        }
        finally
        {
            index.Doubt(stream, from, to);
        }
        var failed = failures.Select(failure => failure.Object).ToHashSet(StringComparer.Ordinal);
        var changed = due.Count(item => item.Held != held && !failed.Contains(item.ObjectName(stream)));
        Log.HoldsChanged(logger, stream, changed, Instants.Format(from), Instants.Format(to), held);
        return new(stream, from, to, held, objects.Count, changed, objects.Count(item => item.Held == held), failures.Count,
            [.. failures.OrderBy(failure => failure.Object, StringComparer.Ordinal).Take(ShownFailures)],
            content.Items.Count(item => item.State is ArchiveState.Spooled or ArchiveState.Dead), objects.Sum(item => item.Size),
                content.Spool);
    }

    /// <returns>Why it failed; null where it did not.</returns>
    private async Task<string?> ChangeAsync(string name, long generation, bool held, string? note, CancellationToken cancellation)
    {
        const int attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await bucket.PatchAsync(HoldMetadata.Change(name, held, note), generation, cancellation).ConfigureAwait(false)
                    ? null : "it is no longer there";
            }
            catch (ArchiveAwayException away) when (attempt < attempts && IsTransient(away))
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellation).ConfigureAwait(false);
            }
            catch (ArchiveAwayException away)
            {
                return away.Message;
            }
        }
    }

    private static bool IsTransient(ArchiveAwayException away) =>
        away.InnerException is not Google.GoogleApiException refused || (int)refused.HttpStatusCode is 408 or 429 or >= 500;
}
