namespace Crispy.Spool;

/// <summary>Counts a stream's chunks on disk and in its journal.</summary>
internal static class SpoolCount
{
    /// <summary>Chunks move while they are counted, and a listing may miss one that is being renamed:
    /// a difference counts when it stays.</summary>
    private const int Tries = 5;

    /// <summary>Counts. What is not ours is set aside first, and counts nowhere.</summary>
    /// <param name="layout">Where.</param>
    /// <param name="stream">Which stream.</param>
    /// <param name="quarantine">Tells what is ours.</param>
    /// <param name="journal">Gives the journal as it is when asked.</param>
    public static Conservation Read(SpoolLayout layout, string stream, Quarantine quarantine, Func<StreamJournal> journal)
    {
        var count = Once(layout, stream, quarantine, journal);
        for (var tries = 1; tries < Tries && count.Balance != 0; tries++) count = Once(layout, stream, quarantine, journal);
        return count;
    }

    /// <summary>Sequence numbers of manifests by their names.</summary>
    public static IEnumerable<long> Sequences(IEnumerable<string> manifests) =>
        manifests.Select(path => ChunkFiles.TryParseManifestName(path, out _, out var sequence) ? sequence : -1)
        .Where(sequence => sequence >= 0);

    // In the direction in which chunks move, so that each is met at least once; where one is met twice its last place counts.
    private static Conservation Once(SpoolLayout layout, string stream, Quarantine quarantine, Func<StreamJournal> journal)
    {
        var captured = journal().NextSequence;
        var ready = Below(layout.ReadyManifests(stream).Concat(Unnamed(layout.Ready(stream))));
        var dead = Below(quarantine.OwnDead(journal().NextSequence));
        var lost = Below(layout.LostManifests(stream));
        var stored = Below(quarantine.OwnStored(journal().NextSequence));
        var now = journal();
        var (journalStored, journalLost) = (now.Stored ?? SequenceSet.Empty, now.LostOrNone);
        stored.RemoveWhere(journalStored.Contains);
        bool IsStored(long sequence) => journalStored.Contains(sequence) || stored.Contains(sequence);
        var recalled = stored.Count(journalLost.Contains);
        lost.RemoveWhere(sequence => IsStored(sequence) || journalLost.Contains(sequence));
        bool IsLost(long sequence) => journalLost.Contains(sequence) || lost.Contains(sequence);
        dead.RemoveWhere(sequence => IsStored(sequence) || IsLost(sequence));
        ready.RemoveWhere(sequence => IsStored(sequence) || IsLost(sequence) || dead.Contains(sequence));
        return new(captured, journalStored.CountBelow(captured) + stored.Count, ready.Count, dead.Count,
            journalLost.CountBelow(captured) - recalled + lost.Count);

        HashSet<long> Below(IEnumerable<string> manifests) => [.. Sequences(manifests).Where(sequence => sequence < captured)];
    }

    // Known to the journal, and about to get their names.
    private static IEnumerable<string> Unnamed(string ready) => Directory.Exists(ready)
        ? Directory.EnumerateFiles(ready, $"*.json{ChunkFiles.Pending}").Select(path => path[..^ChunkFiles.Pending.Length])
        : [];
}
