using System.Globalization;

namespace Crispy.Muxing.Cutting;

/// <summary>
/// The options of ffmpeg that hand packets over as NUT on its standard output with their own times, and what those options do to times. The
/// same for all releases from 5.1 on.
/// No expression holds a unit, since the unit of setts' times is not the same in all of them: only differences and multiples.
/// </summary>
public static class Carrier
{
    /// <summary>What is added to each time, because NUT has none below 0: edit lists and clocks that wrap do. A whole number of
    /// seconds.</summary>
    public static TimeSpan Offset { get; } = TimeSpan.FromSeconds(100_000_000);

    /// <summary>A step of an encoded source by this much and more is a step back, by what is above it: ten days.</summary>
    public static TimeSpan Back { get; } = TimeSpan.FromDays(10);

    // Decoding times order the packets of two tracks, nothing else: they rise always, by the size of the source's own step.
    private const string DecodingTime =
        "if(N,if(eq(DTS,NOPTS),PREV_OUTDTS+1,if(eq(PREV_INDTS,NOPTS),max(PREV_OUTDTS+1,DTS),PREV_OUTDTS+max(1,abs(DTS-PREV_INDTS)))),"
            + "if(eq(DTS,NOPTS),0,DTS))";

    // A presentation time is doubled, so that it is always above the decoding time, and ffmpeg corrects neither. Fourfold is
    // a decoding time in place of one that is not known.
    private const string PresentationTime = "if(eq(PTS,NOPTS),if(eq(DTS,NOPTS),0,max(0,4*DTS)),2*PTS)";

    /// <summary>Options that stand before <c>-i</c>.</summary>
    public static string Input { get; } = $"-copyts -itsoffset {(long)Offset.TotalSeconds}";

    /// <summary>The bitstream filter of pictures that are copied.</summary>
    public static string Pictures { get; } = $"setts=pts='{PresentationTime}':dts='{DecodingTime}'";

    /// <summary>The bitstream filter of sound that is copied.</summary>
    public static string Sound { get; } = $"setts=ts='{DecodingTime}'";

    /// <summary>
    /// The filter of pictures that are decoded, before all others. Encoders need times that rise: a step back is handed on as a step
    /// forward beyond <see cref="Back"/>.
    /// </summary>
    public static string Frames { get; } =
        $"setpts='if(N,PREV_OUTPTS+if(lt(PTS,PREV_INPTS),{(long)Back.TotalSeconds}/TB+PREV_INPTS-PTS,PTS-PREV_INPTS),PTS)'";

    /// <summary>An expression of <c>-force_key_frames</c> that makes a keyframe at each multiple of a window after the first frame. Frames
    /// that a hole leaves out are not caught up.</summary>
    public static string KeyframeEvery(TimeSpan window)
    {
        var seconds = ((decimal)window.Ticks / TimeSpan.TicksPerSecond).ToString("0.######", CultureInfo.InvariantCulture);
        return $"if(n,if(gte(t,ld(0)-0.001),st(0,ld(1)+{seconds}*(floor((t-ld(1)+0.001)/{seconds})+1)),0),st(1,t);st(0,t+{seconds}))";
    }

    /// <summary>The output's format. Each packet is passed on at once where it is live.</summary>
    public static string Output(bool live) =>
        "-avoid_negative_ts disabled -f nut -strict -2 -syncpoints none -write_index 0" + (live ? " -flush_packets 1" : "");
}
