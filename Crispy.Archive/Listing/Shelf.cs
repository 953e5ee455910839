using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Listing;

/// <summary>What one folder of the bucket holds: the chunks of one hour of a stream, or the loss records of one day. Not safe for
/// concurrent use; see <see cref="Gate"/>.</summary>
/// <param name="stream">The stream.</param>
/// <param name="prefix">The folder, with its trailing slash.</param>
/// <param name="end">When the hour or day ends, UTC.</param>
internal sealed class Shelf(string stream, string prefix, DateTimeOffset end) : IDisposable
{
    // What was just listed is good enough for others who ask at the same time.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <summary>Held while it is brought up to date.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>The folder.</summary>
    public string Prefix => prefix;

    /// <summary>By time. The array is never changed, only replaced.</summary>
    public Recorded[] Items { get; private set; } = [];

    /// <summary>When the last listing that it agrees with was begun; null before the first.</summary>
    public DateTimeOffset? Synced { get; private set; }

    /// <summary>When somebody last wanted it.</summary>
    public DateTimeOffset Used { get; set; }

    private volatile bool _doubted;

    private bool HasHoles { get; set; }

    /// <summary>
    /// Whether its listing may still be believed. The present is listed again every few seconds. In the past only two things can change.
    /// A chunk that waited out an outage arrives, which can only fill a hole in the numbers. And objects are deleted, which is slow. So a
    /// folder with holes, or with nothing in it, is looked at more often.
    /// </summary>
    /// <param name="now">UTC.</param>
    /// <param name="notBefore">Listings from before this are not good enough, however old the folder.</param>
    public bool IsCurrent(DateTimeOffset now, DateTimeOffset? notBefore)
    {
        if (Synced is not { } synced || synced <= notBefore || _doubted) return false;
        var age = now - end;
        if (age < Young) return now - synced < Fresh;
        var patience = HasHoles || Items.Length == 0 ? TimeSpan.FromTicks(Math.Clamp(age.Ticks / 20, Least.Ticks, Most.Ticks)) : Most;
        return now - synced < patience;
    }

    /// <summary>Brings it up to date: the first time by listing all with their metadata, later by names alone,
    /// and metadata of what is new.</summary>
    public async Task SyncAsync(Bucket bucket, DateTimeOffset now, CancellationToken cancellation)
    {
        _doubted = false;
        if (Synced is null) Replace(await ReadAsync(bucket, null, null, cancellation).ConfigureAwait(false), now);
        else Replace(await RereadAsync(bucket, cancellation).ConfigureAwait(false), now);
    }

    /// <summary>Has its names listed again before it is believed again.</summary>
    public void Doubt() => _doubted = true;

    /// <summary>Takes note that the folder is not there.</summary>
    public void Clear(DateTimeOffset now) => Replace([], now);

    /// <inheritdoc />
    public void Dispose() => Gate.Dispose();

    private void Replace(List<Recorded> items, DateTimeOffset now)
    {
        items.Sort(Recorded.ByTime);
        (Items, Synced) = ([.. items], now);
        HasHoles = Continuity.HasHoles(Items);
    }

    private async Task<List<Recorded>> RereadAsync(Bucket bucket, CancellationToken cancellation)
    {
        var known = Items.ToDictionary(item => item.ObjectName(stream), StringComparer.Ordinal);
        var (kept, fresh) = (new List<Recorded>(known.Count), new List<string>());
        await foreach (var listed in bucket.ListAsync(prefix, Bucket.NameFields, cancellation: cancellation).ConfigureAwait(false))
        {
            if (known.TryGetValue(listed.Name!, out var item) && item.Generation == listed.Generation) kept.Add(
                item with { Held = listed.IsHeld() });
            else if (IsOurs(listed)) fresh.Add(listed.Name!);
        }
        if (fresh.Count == 0) return kept;
        var wanted = fresh.ToHashSet(StringComparer.Ordinal);
        kept.AddRange(await ReadAsync(bucket, fresh[0], fresh[^1] + "~", cancellation, wanted.Contains).ConfigureAwait(false));
        return kept;
    }

    private async Task<List<Recorded>> ReadAsync(Bucket bucket, string? start, string? end, CancellationToken cancellation,
        Func<string, bool>? isWanted = null)
    {
        var (reading, items) = (new ObjectReading(), new List<Recorded>());
        await foreach (var found in bucket.ListAsync(prefix, Bucket.AllFields, start, end, cancellation: cancellation)
            .ConfigureAwait(false))
        {
            if (isWanted?.Invoke(found.Name!) != false && reading.Read(found) is { } item) items.Add(item);
        }
        return items;
    }

    private static bool IsOurs(GcsObject found) => ObjectName.TryParse(found.Name, out _) || LossObjectName.TryParse(found.Name, out _);
}
