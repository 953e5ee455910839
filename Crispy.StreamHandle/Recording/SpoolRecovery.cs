using Crispy.Contracts;
using Crispy.Spool;
using Crispy.StreamHandle.Launching;
using Crispy.StreamHandle.Segmenting;
using Crispy.StreamHandle.Sources;
using Crispy.StreamHandle.Spooling;
using Crispy.StreamHandle.Timing;

namespace Crispy.StreamHandle.Recording;

/// <summary>Brings a stream's part of the spool in order, and makes chunks of what interrupted runs left open in it.</summary>
internal sealed class SpoolRecovery(StreamOptions stream, StreamSpool spool, SpoolLayout layout, Ffmpeg ffmpeg, ILogger log)
{
    private readonly SegmentSalvage _salvage = new(stream, ffmpeg, log);

    /// <summary>Brings the folder in order after all that happened before.</summary>
    /// <exception cref="IOException">The disk refuses: another try goes on.</exception>
    public Found.Recovered Recover()
    {
        var (losses, takenBack) = spool.Recover();
        foreach (var chunk in takenBack) Log.ChunkTakenBack(log, stream.Id, chunk);
        var manifests = layout.ReadyManifests(stream.Id).Concat(layout.DeadManifests(stream.Id));
        var found = manifests.Select(path => SpooledChunk.TryRead(path)?.Manifest).OfType<ChunkManifest>()
            .Aggregate(default(Captured), (sum, manifest) => sum.Plus(manifest.Frames, manifest.Size));
        foreach (var loss in losses) found = found.Plus(loss.Record.Frames ?? 0, loss.Record.Bytes);
        return new(found, losses);
    }

    /// <summary>Makes chunks of the segments that interrupted runs left, run by run.</summary>
    /// <param name="spooler">Makes them.</param>
    /// <param name="gapReason">Why they may not follow on. What comes after them is missing for the reason for which they were left, so
    /// it holds on.</param>
    /// <param name="except">A run that is left alone.</param>
    /// <param name="mayBeLast">Whether they may be the chain's last.</param>
    /// <exception cref="IOException">The disk refuses: the next try goes on.</exception>
    public async IAsyncEnumerable<Found> RecoverOpenAsync(
        ChunkSpooler spooler, string? gapReason, string? except = null, bool mayBeLast = false)
    {
        var reason = gapReason;
        await foreach (var (run, segments, firstFrame) in LeftOpen.FindAsync(spool.Open, _salvage, spooler.Journal, except))
        {
            Log.SegmentsRecovered(log, stream.Id, segments.Count, run);
            spooler.Begin(run, source: null);
            IReadOnlyList<ClosedSegment> left = mayBeLast ? [.. segments.SkipLast(1), segments[^1] with { IsLast = true }] : segments;
            var batch = spooler.Spool(left, new EpochClock(firstFrame, followsNothing: false), reason);
            reason = batch.GapReason;
            yield return new Found.Chunks(batch with { GapReason = gapReason });
        }
    }
}
