namespace Crispy.Spool;

/// <summary>A stream's journal in memory and on disk. Its owner sees to it that one at a time changes it.</summary>
internal sealed class StreamLedger(string stream, SpoolLayout layout)
{
    private StreamJournal _journal = new();

    /// <summary>What the stream remembers now; as durable as the last <see cref="Write"/>.</summary>
    public StreamJournal Journal => Volatile.Read(ref _journal);

    /// <summary>Takes over what was found on disk.</summary>
    public void Load(StreamJournal found) => Volatile.Write(ref _journal, found);

    /// <summary>Remembers, durably.</summary>
    /// <exception cref="IOException">The disk is full: what was remembered before still is.</exception>
    public void Write(StreamJournal changed)
    {
        changed.Write(layout.Journal(stream));
        Volatile.Write(ref _journal, changed);
    }
}
