using System.Security.Cryptography;
using Crispy.Backplane;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>Brings a stream's folder in order after a crash at any step of <see cref="ChunkSpooler"/>. Nothing is deleted.</summary>
internal sealed class SpoolRecovery(StreamOptions stream, SpoolLayout spool, ILogger log)
{
    /// <summary>Where chunks go whose manifest never became durable: they are read anew like segments left open.</summary>
    private const string Orphans = "orphans";

    /// <summary>Makes the folders, finishes what was begun, and finds out where the stream goes on.</summary>
    public StreamJournal Recover()
    {
        Directory.CreateDirectory(spool.Open(stream.Id));
        Directory.CreateDirectory(spool.Ready(stream.Id));
        Directory.CreateDirectory(spool.Dead(stream.Id));
        FinishManifests();
        var journal = WithHighestFound(StreamJournal.Read(spool.Journal(stream.Id)));
        SetOrphansAside();
        return journal;
    }

    /// <summary>Segments that a killed run left behind and that can be read whole, run by run, oldest first; the rest stays and is logged.</summary>
    /// <returns>For each run its folder's name, its segments, and the time of its first frame as well as it is known.</returns>
    public IEnumerable<(string Run, List<ClosedSegment> Segments, DateTimeOffset FirstFrame)> LeftOpen(StreamJournal journal)
    {
        foreach (var folder in Directory.EnumerateDirectories(spool.Open(stream.Id)).Order(StringComparer.Ordinal))
        {
            var whole = Directory.EnumerateFiles(folder, $"*.{stream.Container}").Order(StringComparer.Ordinal).Select(path => (path, Facts: ChunkReader.Read(path)))
                .Where(each => IsWhole(each.path, each.Facts)).ToList();
            if (whole.Count == 0)
            {
                if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
                continue;
            }
            // The run of the last chunk goes on where that chunk ended. Of a run without chunks only the time of its last write is known.
            var run = Path.GetFileName(folder);
            var length = whole.Aggregate(TimeSpan.Zero, (sum, each) => sum + each.Facts.Duration);
            var lastWrite = new DateTimeOffset(File.GetLastWriteTimeUtc(whole[^1].path), TimeSpan.Zero);
            var firstFrame = run == journal.Run && journal.LastTo is { } lastTo ? lastTo : lastWrite - length;
            yield return (run, Line(whole, lastWrite), firstFrame);
        }
    }

    private bool IsWhole(string path, ChunkFacts facts)
    {
        if (facts is { Frames: > 0, IsDamaged: false }) return true;
        Log.SegmentLeftOpen(log, stream.Id, path, facts.Size, facts.Damage.ToString());
        return false;
    }

    // The list of the killed ffmpeg is lost; its segments lay end to end.
    private static List<ClosedSegment> Line(List<(string Path, ChunkFacts Facts)> whole, DateTimeOffset lastWrite)
    {
        var segments = new List<ClosedSegment>(whole.Count);
        var at = TimeSpan.Zero;
        foreach (var (path, facts) in whole)
        {
            var first = facts.Container == ChunkContainer.TransportStream ? TimeSpan.Zero : facts.FirstPts;
            segments.Add(new(path, at - first, at + facts.Duration, lastWrite));
            at += facts.Duration;
        }
        return segments;
    }

    private void FinishManifests()
    {
        foreach (var pending in Directory.EnumerateFiles(spool.Ready(stream.Id), $"*.json{ChunkSpooler.Pending}"))
            File.Move(pending, pending[..^ChunkSpooler.Pending.Length]);
    }

    private StreamJournal WithHighestFound(StreamJournal journal)
    {
        var last = spool.ReadyManifests(stream.Id).Concat(spool.DeadManifests(stream.Id))
            .MaxBy(path => ChunkFiles.TryParseManifestName(path, out _, out var sequence) ? sequence : -1);
        if (last is null || !ChunkFiles.TryParseManifestName(last, out _, out var highest) || highest < journal.NextSequence) return journal;
        var bytes = File.ReadAllBytes(last);
        var manifest = ManifestJson.Read(bytes);
        return journal with
        {
            NextSequence = highest + 1,
            Previous = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Epoch = manifest.Epoch,
            LastTo = manifest.To,
        };
    }

    private void SetOrphansAside()
    {
        var ready = spool.Ready(stream.Id);
        foreach (var chunk in Directory.EnumerateFiles(ready, $"*.{stream.Container}").Where(path => !File.Exists(Path.ChangeExtension(path, ".json"))).ToList())
        {
            var folder = Directory.CreateDirectory(Path.Combine(spool.Open(stream.Id), Orphans)).FullName;
            File.Move(chunk, Path.Combine(folder, Path.GetFileName(chunk)));
            File.Delete(Path.ChangeExtension(chunk, ".jws"));
        }
    }
}
