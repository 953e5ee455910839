using System.Globalization;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>
/// Expressions of ffmpeg's that mend a timeline while it is written. A step back by more than half a second, or forward by more than a
/// limit, is no time but a new clock: an RTP timestamp that was reset, a seam of two files. There the next packet follows the one
/// before by its duration, and the rest keeps its distances. Whether time really passed is told by arrival (<see cref="Spooling.EpochClock"/>).
/// A camera's very first packet has no timestamp: it is taken for one frame before the second, instead of for the same.
/// </summary>
internal static class TimestampRepair
{
    private const string Back = "-0.5/TB";

    /// <summary>For packets: the bitstream filter <c>setts</c>.</summary>
    /// <param name="limit">The longest step forward that is taken for time.</param>
    public static string ForPackets(TimeSpan limit)
    {
        const string next = "PREV_OUTDTS+if(DURATION,DURATION,0.04/TB)";
        var step = $"if(not(eq(PREV_INPTS,NOPTS)*not(eq(PTS,NOPTS)))*between(DTS-PREV_INDTS,{Back},{Seconds(limit)}/TB),DTS+PREV_OUTDTS-PREV_INDTS,{next})";
        var dts = $"if(eq(DTS,NOPTS),if(N,{next},0),if(N,{step},DTS))";
        return $"setts=pts='if(eq(PTS,NOPTS)+eq(DTS,NOPTS),{dts},PTS-DTS+{dts})':dts='{dts}'";
    }

    /// <summary>For decoded frames: the filter <c>setpts</c>.</summary>
    /// <param name="limit">The longest step forward that is taken for time.</param>
    public static string ForFrames(TimeSpan limit) =>
        $"setpts='if(N,if(between(PTS-PREV_INPTS,{Back},{Seconds(limit)}/TB),PTS+PREV_OUTPTS-PREV_INPTS,PREV_OUTPTS+0.04/TB),PTS)'";

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
