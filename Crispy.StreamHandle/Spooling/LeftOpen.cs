using Crispy.Media;
using Crispy.Spool;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What an interrupted run left in <c>open/</c>.</summary>
/// <param name="Run">The name of its folder.</param>
/// <param name="Segments">Its segments, in order.</param>
/// <param name="FirstFrame">The time of their first frame, as well as it is known.</param>
internal sealed record LeftOpen(string Run, IReadOnlyList<ClosedSegment> Segments, DateTimeOffset FirstFrame)
{
    /// <summary>Segments that interrupted runs left behind, run by run, oldest first.
    /// One that ends in the middle is cut back to its last whole packet.</summary>
    /// <param name="open">Where they lie.</param>
    /// <param name="salvage">Cuts back.</param>
    /// <param name="journal">What is remembered of the runs.</param>
    /// <param name="except">A run whose source is read again, or null.</param>
    public static async IAsyncEnumerable<LeftOpen> FindAsync(OpenSegments open, SegmentSalvage salvage,
        StreamJournal journal, string? except)
    {
        foreach (var folder in open.Runs())
        {
            var run = Path.GetFileName(folder);
            if (run == except) continue;
            var found = new List<(string Path, ChunkFacts Facts)>();
            foreach (var path in await salvage.SegmentsAsync(folder)) found.Add((path, ChunkReader.Read(path)));
            if (found.Count == 0)
            {
                OpenSegments.DeleteEmpty(folder);
                continue;
            }
            // The run of the last chunk goes on where that chunk ended. Of a run without chunks only the time of its last write is known.
            var length = found.Aggregate(TimeSpan.Zero, (sum, each) => sum + each.Facts.Duration);
            var lastWrite = new DateTimeOffset(File.GetLastWriteTimeUtc(found[^1].Path), TimeSpan.Zero);
            var firstFrame = run == journal.Run && journal.RunTo is { } runTo ? runTo : lastWrite - length;
            yield return new(run, Line(found, lastWrite), firstFrame);
            OpenSegments.DeleteEmpty(folder);
        }
    }

    // What the cutter knew is lost; its segments lay end to end.
    private static List<ClosedSegment> Line(List<(string Path, ChunkFacts Facts)> found, DateTimeOffset lastWrite)
    {
        var segments = new List<ClosedSegment>(found.Count);
        var at = TimeSpan.Zero;
        foreach (var (path, facts) in found)
        {
            var length = facts.Frames > 0 ? facts.Duration : WrittenFor(path);
            segments.Add(new(path, at, at + length, lastWrite) { IsDamaged = OpenSegments.IsCut(path) });
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
}
