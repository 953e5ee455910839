using System.Security.Cryptography;
using Crispy.Contracts;

namespace Crispy.ChunkLogger.Verifying;

/// <summary>Whether a chunk follows the one before it in its stream's hash chain.</summary>
internal enum ChainState
{
    /// <summary>Its neighbours are not known to this process, or it is not verified itself.</summary>
    Unknown,

    /// <summary>The first of a chain.</summary>
    First,

    /// <summary>It holds the hash of the one before it, and the one after it, where that is known already, holds its own.</summary>
    Linked,

    /// <summary>A neighbour of the same epoch is known, and the hash is another: a manifest was replaced.</summary>
    Broken,
}

/// <summary>
/// Remembers the latest verified links of all streams' hash chains, so that each chunk is compared with its neighbours in any order of
/// arrival. What several processes or a restart separate stays unknown: the whole chain is checked by <c>crispy verify</c>.
/// Safe for concurrent use.
/// </summary>
/// <param name="capacity">How many links are remembered, about 200 bytes each.</param>
internal sealed class ManifestChain(int capacity = ManifestChain.DefaultCapacity)
{
    /// <summary>With 10,000 streams the latest 5 links of each.</summary>
    public const int DefaultCapacity = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Stream, long Sequence), Link> _links = [];
    private readonly Queue<(string Stream, long Sequence)> _oldestFirst = new();

    /// <summary>How many links are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _links.Count;
        }
    }

    /// <summary>A state as it stands in log lines: <c>first</c>, <c>linked</c>, <c>broken</c> or <c>unknown</c>.</summary>
    public static string Text(ChainState state) => state switch
    {
        ChainState.First => "first",
        ChainState.Linked => "linked",
        ChainState.Broken => "broken",
        _ => "unknown",
    };

    /// <summary>Places a verified manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="bytes">Its exact bytes.</param>
    public ChainState Place(ChunkManifest manifest, byte[] bytes) =>
        Place(manifest.Stream, manifest.Sequence, new(Hash(bytes), manifest.Previous, manifest.Epoch));

    /// <summary>Places a verified loss record: the next link holds the hash of the lost chunk's manifest where there was one,
    /// else that of the record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">Its exact bytes.</param>
    public ChainState Place(LossRecord record, byte[] bytes) =>
        Place(record.Stream, record.Sequence, new(record.Manifest?.Sha256 ?? Hash(bytes), record.Previous, record.Epoch));

    private ChainState Place(string stream, long sequence, Link link)
    {
        lock (_lock)
        {
            var before = _links.GetValueOrDefault((stream, sequence - 1));
            var after = _links.GetValueOrDefault((stream, sequence + 1));
            Remember((stream, sequence), link);
            // A spool that was wiped begins a new chain in a new epoch, whose numbers an old one has used. So only within one epoch another
            // hash is a contradiction.
            if (before is not null && before.Hash != link.Previous && before.Epoch == link.Epoch) return ChainState.Broken;
            if (after is not null && after.Previous != link.Hash && after.Epoch == link.Epoch) return ChainState.Broken;
            if (sequence == 0 && link.Previous is null) return ChainState.First;
            return before is not null && before.Hash == link.Previous ? ChainState.Linked : ChainState.Unknown;
        }
    }

    private void Remember((string, long) place, Link link)
    {
        if (!_links.ContainsKey(place)) _oldestFirst.Enqueue(place);
        _links[place] = link;
        if (_links.Count > capacity) _links.Remove(_oldestFirst.Dequeue());
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed record Link(string Hash, string? Previous, string Epoch);
}
