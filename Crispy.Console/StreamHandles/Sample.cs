namespace Crispy.Console.StreamHandles;

/// <summary>How all streams together were at one moment.</summary>
/// <param name="At">UTC.</param>
/// <param name="Bitrate">Bits a second of all streams together.</param>
/// <param name="Fps">Frames a second of all streams together.</param>
/// <param name="Waiting">Chunks in the spools.</param>
/// <param name="Recording">Streams that record.</param>
/// <param name="Trouble">Streams in trouble.</param>
/// <param name="DelayMedian">Seconds from last frame to stored: the median of the chunks stored since the sample before;
/// null where none was.</param>
/// <param name="DelayWorst">The same: the longest.</param>
public sealed record Sample(DateTimeOffset At, double Bitrate, double Fps, int Waiting, int Recording, int Trouble,
    double? DelayMedian, double? DelayWorst)
{
    /// <summary>How often one is taken.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
}
