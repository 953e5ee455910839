using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What an interrupted run left in <c>open/</c>.</summary>
/// <param name="Run">The name of its folder.</param>
/// <param name="Segments">Its segments, in order.</param>
/// <param name="FirstFrame">The time of their first frame, as well as it is known.</param>
internal sealed record LeftOpen(string Run, IReadOnlyList<ClosedSegment> Segments, DateTimeOffset FirstFrame);

/// <summary>Brings a stream's folder in order after a crash at any step of <see cref="ChunkSpooler"/>. Workers may be taking chunks away meanwhile.</summary>
internal sealed class SpoolRecovery(StreamOptions stream, SpoolLayout spool, ILogger log)
{
    /// <summary>Makes the folders, finishes what the journal knows or can still learn, takes back the rest, and finds out where the stream goes on.</summary>
    public StreamJournal Recover()
    {
        Directory.CreateDirectory(spool.Open(stream.Id));
        Directory.CreateDirectory(spool.Ready(stream.Id));
        Directory.CreateDirectory(spool.Dead(stream.Id));
        foreach (var half in Directory.EnumerateFiles(spool.Ready(stream.Id), "*.new").ToList()) File.Delete(half);
        var journal = FinishManifests(StreamJournal.Read(spool.Journal(stream.Id)));
        TakeBackChunks(journal);
        return journal;
    }

    /// <summary>Segments that interrupted runs left behind, run by run, oldest first. One that ends in the middle is cut back to its last whole packet.</summary>
    /// <param name="salvage">Cuts back.</param>
    /// <param name="journal">What is remembered of the runs.</param>
    /// <param name="except">A run whose source is read again, or null.</param>
    public async IAsyncEnumerable<LeftOpen> LeftOpenAsync(SegmentSalvage salvage, StreamJournal journal, string? except)
    {
        foreach (var folder in Directory.GetDirectories(spool.Open(stream.Id)).Order(StringComparer.Ordinal))
        {
            var run = Path.GetFileName(folder);
            if (run == except) continue;
            var found = new List<(string Path, ChunkFacts Facts)>();
            foreach (var path in await salvage.SegmentsAsync(folder)) found.Add((path, ChunkReader.Read(path)));
            if (found.Count == 0)
            {
                DeleteEmpty(folder);
                continue;
            }
            // The run of the last chunk goes on where that chunk ended. Of a run without chunks only the time of its last write is known.
            var length = found.Aggregate(TimeSpan.Zero, (sum, each) => sum + each.Facts.Duration);
            var lastWrite = new DateTimeOffset(File.GetLastWriteTimeUtc(found[^1].Path), TimeSpan.Zero);
            var firstFrame = run == journal.Run && journal.RunTo is { } runTo ? runTo : lastWrite - length;
            yield return new(run, Line(found, lastWrite), firstFrame);
            DeleteEmpty(folder);
        }
    }

    /// <summary>Forgets what an interrupted reading of a finite source left open: all of it is read again.</summary>
    public void DropRun(string run)
    {
        var folder = Path.Combine(spool.Open(stream.Id), run);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static void DeleteEmpty(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    // What the cutter knew is lost; its segments lay end to end.
    private static List<ClosedSegment> Line(List<(string Path, ChunkFacts Facts)> found, DateTimeOffset lastWrite)
    {
        var segments = new List<ClosedSegment>(found.Count);
        var at = TimeSpan.Zero;
        foreach (var (path, facts) in found)
        {
            var length = facts.Frames > 0 ? facts.Duration : WrittenFor(path);
            segments.Add(new(path, at, at + length, lastWrite) { IsDamaged = SegmentSalvage.IsCut(path) });
            at += length;
        }
        return segments;
    }

    // All that is known of a file without a frame: how long it was open.
    private static TimeSpan WrittenFor(string path)
    {
        var length = File.GetLastWriteTimeUtc(path) - File.GetCreationTimeUtc(path);
        return length > TimeSpan.Zero ? length : TimeSpan.Zero;
    }

    // A manifest that the journal does not know yet counts only with its chunk and as the next link of the chain: of several that were
    // written side by side the crash may have spared any. The journal comes first again, because workers take whatever has its name.
    // A finite source gives the chunk again, so there the journal alone counts.
    private StreamJournal FinishManifests(StreamJournal journal)
    {
        var (before, finished) = (journal, new List<string>());
        foreach (var pending in Directory.GetFiles(spool.Ready(stream.Id), $"*.json{ChunkSpooler.Pending}").OrderBy(Sequence))
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
        if (journal != before) journal.Write(spool.Journal(stream.Id));
        foreach (var pending in finished) File.Move(pending, ManifestOf(pending));
        DurableFile.SyncFolder(spool.Ready(stream.Id));
        return journal;
    }

    private static StreamJournal? Next(string pending, StreamJournal journal)
    {
        if (!File.Exists(pending) || Sequence(pending) != journal.NextSequence) return null;
        var bytes = SignedManifest.Read(pending).ManifestBytes;
        var manifest = ManifestJson.Read(bytes);
        var chunk = Path.ChangeExtension(ManifestOf(pending), manifest.Container);
        return manifest.Previous == journal.Previous && File.Exists(chunk) ? journal.After(manifest, bytes) : null;
    }

    // Where the journal itself was lost, the spool still holds the latest chunks.
    private StreamJournal WithHighestFound(StreamJournal journal)
    {
        foreach (var path in spool.ReadyManifests(stream.Id).Concat(spool.DeadManifests(stream.Id)).Where(path => Sequence(path) >= journal.NextSequence).OrderByDescending(Sequence))
        {
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

    /// <summary>Where a file becomes a segment again whose sequence number was never used: in its run, which is made, in front of the segments
    /// that were not taken yet ('-' sorts before digits).</summary>
    public static string TakenBack(SpoolLayout spool, string stream, StreamJournal journal, long sequence, string container) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(spool.Open(stream), journal.Run ?? "unknown")).FullName, $"-{ChunkId.Digits(sequence)}.{container}");

    // A chunk that never got its manifest goes back to its run.
    private void TakeBackChunks(StreamJournal journal)
    {
        foreach (var chunk in ChunkFiles.VideosIn(spool.Ready(stream.Id)))
        {
            var manifest = Path.ChangeExtension(chunk, ".json");
            if (!ChunkFiles.TryParseManifestName(manifest, out _, out var sequence) || File.Exists(manifest) || !File.Exists(chunk)) continue;
            File.Move(chunk, TakenBack(spool, stream.Id, journal, sequence, ChunkContainer.Of(chunk)!), overwrite: false);
            Log.ChunkTakenBack(log, stream.Id, chunk);
        }
    }

    private static string ManifestOf(string pending) => pending.EndsWith(ChunkSpooler.Pending, StringComparison.Ordinal) ? pending[..^ChunkSpooler.Pending.Length] : pending;

    private static long Sequence(string path) => ChunkFiles.TryParseManifestName(ManifestOf(path), out _, out var sequence) ? sequence : -1;
}
