using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>Brings a stream's folder in order after a crash at any step of <see cref="Storing"/>.
/// Workers may be taking chunks away meanwhile.</summary>
internal sealed class Recovery(string stream, SpoolLayout layout, StreamLedger ledger, Ownership ownership, Quarantine quarantine)
{
    /// <summary>Makes the folders, sets aside what is not ours, finishes what the journal knows or can still learn,
    /// and takes back the rest.</summary>
    /// <returns>Chunks that never got their manifest and are segments again.</returns>
    public IReadOnlyList<string> Recover()
    {
        foreach (var folder in new[] { layout.Open(stream), layout.Ready(stream), layout.Dead(stream) }) Directory.CreateDirectory(folder);
        foreach (var half in Directory.EnumerateFiles(layout.Ready(stream), "*.new").ToList()) File.Delete(half);
        var journal = FinishManifests(StreamJournal.Read(layout.Journal(stream)));
        ledger.Load(journal);
        quarantine.Return(journal.NextSequence);
        quarantine.OwnDead(journal.NextSequence);
        if (journal.Stored is null) TakeForStored(journal);
        return TakeBackChunks(journal);
    }

    // A manifest that the journal does not know yet counts only with its chunk and as the next link of the chain. Of several that were
    // written side by side the crash may have spared any. The journal comes first again, because workers take every file with its name.
    // A finite source gives the chunk again, so there the journal alone counts.
    private StreamJournal FinishManifests(StreamJournal journal)
    {
        var (before, finished) = (journal, new List<string>());
        foreach (var pending in Directory.GetFiles(layout.Ready(stream), $"*.json{ChunkFiles.Pending}").OrderBy(Sequence))
        {
            var known = Sequence(pending) < before.NextSequence;
            var next = known ? journal : journal.Source is null ? Next(pending, journal) : null;
            if (next is null)
            {
                File.Delete(pending);
                continue;
            }
            journal = next;
            finished.Add(pending);
        }
        journal = WithHighestFound(journal);
        if (journal != before) journal.Write(layout.Journal(stream));
        foreach (var pending in finished) File.Move(pending, ManifestOf(pending));
        DurableFile.SyncFolder(layout.Ready(stream));
        return journal;
    }

    private StreamJournal? Next(string pending, StreamJournal journal)
    {
        if (!File.Exists(pending) || Sequence(pending) != journal.NextSequence || IdOf(ManifestOf(pending)) is not { } id) return null;
        if (ownership.Objection(pending, id, unreadable: true) is not null) return null;
        var bytes = SignedManifest.Read(pending).ManifestBytes;
        var manifest = ManifestJson.Read(bytes);
        var chunk = Path.ChangeExtension(ManifestOf(pending), manifest.Container);
        return manifest.Previous == journal.Previous && File.Exists(chunk) ? journal.After(manifest, bytes) : null;
    }

    // Where the journal itself was lost, the spool still holds the latest chunks: a signature of ours proves that their numbers were given.
    private StreamJournal WithHighestFound(StreamJournal journal)
    {
        foreach (var path in layout.ReadyManifests(stream).Concat(layout.DeadManifests(stream))
            .Where(path => Sequence(path) >= journal.NextSequence).OrderByDescending(Sequence).ToList())
        {
            if (IdOf(path) is not { } id) continue;
            if (ownership.Objection(path, id, unreadable: true) is { } objection)
            {
                quarantine.SetAside(path, objection);
                continue;
            }
            try
            {
                var bytes = SignedManifest.Read(path).ManifestBytes;
                return journal.After(ManifestJson.Read(bytes), bytes);
            }
            catch (FileNotFoundException)
            {
                // Stored meanwhile: the one before it tells less, but not nothing.
            }
        }
        return journal;
    }

    // A journal that does not count what is stored yet takes for stored what is used and lies nowhere.
    private void TakeForStored(StreamJournal journal)
    {
        var here = SpoolCount.Sequences(layout.ReadyManifests(stream).Concat(layout.DeadManifests(stream))
            .Concat(layout.LostManifests(stream)));
        ledger.Write(journal
            with { Stored = SequenceSet.Of([(0, journal.NextSequence - 1)]).Without(here.Concat(journal.LostOrNone.Numbers())) });
    }

    private List<string> TakeBackChunks(StreamJournal journal)
    {
        var taken = new List<string>();
        foreach (var chunk in ChunkFiles.VideosIn(layout.Ready(stream)))
        {
            var manifest = Path.ChangeExtension(chunk, ".json");
            if (!ChunkFiles.TryParseManifestName(manifest, out _, out var sequence) || File.Exists(manifest) || !File.Exists(chunk))
                continue;
            File.Move(chunk, OpenSegments.TakenBack(layout, stream, journal, sequence, ChunkContainer.Of(chunk)!), overwrite: false);
            taken.Add(chunk);
        }
        return taken;
    }

    private ChunkId? IdOf(string manifest) =>
        ChunkFiles.TryParseManifestName(manifest, out var epoch, out var sequence) ? new(stream, epoch, sequence) : null;

    private static string ManifestOf(string pending) =>
        pending.EndsWith(ChunkFiles.Pending, StringComparison.Ordinal) ? pending[..^ChunkFiles.Pending.Length] : pending;

    private static long Sequence(string path) => ChunkFiles.TryParseManifestName(ManifestOf(path), out _, out var sequence) ? sequence : -1;
}
