using System.Diagnostics;
using Crispy.Contracts;
using Crispy.Media;
using Crispy.Spool;
using Crispy.StreamHandle.Measuring;
using Crispy.StreamHandle.Segmenting;

namespace Crispy.StreamHandle.Spooling;

/// <summary>A closed segment whose file was read.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Facts">What its file holds.</param>
/// <param name="Capture">The span that began when it was closed; null while nobody listens.</param>
internal sealed record ReadSegment(ClosedSegment Segment, ChunkFacts Facts, Activity? Capture)
{
    /// <summary>By its name: what a crash left may be of another one than the stream has now.</summary>
    public string Container => ChunkContainer.Of(Segment.Path) ?? ChunkContainer.Matroska;

    /// <summary>Whether there is anything to see in it.</summary>
    public bool HasPicture => Facts.Frames > 0 && Facts.Video is not null;

    /// <summary>The cutter knows a chunk's length to its source's tick, its file to its container's.</summary>
    public TimeSpan Length => Segment.Cut is { } cut ? cut.End - cut.Start : Facts.Duration;

    /// <summary>Frames that are shown.</summary>
    public long Shown => Facts.Frames - (Segment.Cut?.HiddenPictures ?? 0);

    /// <summary>Reads a segment, and makes it durable.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="isTaken">Whether it became a chunk before an interruption: then it is only looked at.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static ReadSegment Of(ClosedSegment segment, bool isTaken)
    {
        Activity.Current = null;
        if (isTaken) return new(segment, ChunkReader.Read(segment.Path), null);
        var none = default(ActivityContext);
        var capture = Telemetry.Source.StartActivity("chunk capture", ActivityKind.Internal, none, startTime: segment.ClosedAt);
        var facts = ChunkReader.Read(segment.Path);
        DurableFile.Sync(segment.Path);
        return new(segment, facts, capture);
    }
}
