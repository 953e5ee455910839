namespace Crispy.Archive;

/// <summary>How the recording of a stream went, step by step. It is computed from the chunks themselves,
/// so it tells of any time that the bucket still holds.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC; not after the time of asking, even if more was asked for.</param>
/// <param name="Points">One for each step, all equally long, oldest first.</param>
/// <param name="Spool">Whether the spools were asked: without them what still waits is not counted.</param>
public sealed record Trend(string Stream, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TrendPoint> Points, SpoolAnswer Spool);

/// <summary>One step of a <see cref="Trend"/>.</summary>
/// <param name="At">Where the step begins, UTC.</param>
/// <param name="Bitrate">Recorded video in bits a second, averaged over the step; a chunk counts in the steps in which it lies, by its
/// share. What is recorded now may still be on its way. So of the newest step only what is known counts. Null where nothing is known, as
/// with a timeline's <see cref="GapReason.Pending"/>.</param>
/// <param name="DelayMedian">From the last frame of a chunk until the bucket had it: the median of the chunks that end in the step. Null
/// where none does. Chunks of files have none: their times are not those at which they were recorded.</param>
/// <param name="DelayLongest">The same: the longest.</param>
/// <param name="Backlog">Chunks that were recorded by the end of the step and not in the bucket then. Dead letters and losses are none of
/// them, nor what is stored of files.</param>
public sealed record TrendPoint(DateTimeOffset At, long? Bitrate, TimeSpan? DelayMedian, TimeSpan? DelayLongest, int Backlog);
