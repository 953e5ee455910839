using Crispy.Backplane;

namespace Crispy.StreamHandle.Spooling;

/// <summary>A stream's journal in memory and on disk. All that changes it holds <see cref="Sync"/> from reading to writing.</summary>
internal sealed class StreamLedger(string stream, SpoolLayout spool, StreamJournal journal)
{
    private StreamJournal _journal = journal;

    /// <summary>Held by whoever changes the journal or settles chunks.</summary>
    public Lock Sync { get; } = new();

    /// <summary>Gets the paths of manifests of stored chunks before they are counted and deleted.</summary>
    public Action<IReadOnlyList<string>>? Stored { get; init; }

    /// <summary>What the stream remembers now; as durable as the last <see cref="Write"/>.</summary>
    public StreamJournal Journal => Volatile.Read(ref _journal);

    /// <summary>Remembers, durably.</summary>
    /// <exception cref="IOException">The disk is full: what was remembered before still is.</exception>
    public void Write(StreamJournal changed)
    {
        changed.Write(spool.Journal(stream));
        Volatile.Write(ref _journal, changed);
    }

    /// <summary>Takes over what was found at start: first as it was left, then as it was <paramref name="recovered"/>. A journal that does not yet count what is stored takes for stored what is used and lies nowhere.</summary>
    public void Begin(StreamJournal found, bool recovered)
    {
        lock (Sync)
        {
            Volatile.Write(ref _journal, found);
            if (!recovered) return;
            if (found.Stored is null)
            {
                var here = SpoolCount.Sequences(spool.ReadyManifests(stream).Concat(spool.DeadManifests(stream)).Concat(spool.LostManifests(stream)));
                Write(found with { Stored = SequenceSet.Of([(0, found.NextSequence - 1)]).Without(here.Concat(found.LostOrNone.Numbers())) });
            }
        }
    }

    /// <summary>Counts the chunks that workers stored since the last time, then forgets their manifests.</summary>
    public void CountStored()
    {
        lock (Sync)
        {
            var manifests = spool.StoredManifests(stream).ToList();
            if (manifests.Count == 0) return;
            Stored?.Invoke(manifests);
            Write(Journal.WithStored(SpoolCount.Sequences(manifests)));
            foreach (var manifest in manifests) File.Delete(manifest);
        }
    }
}
