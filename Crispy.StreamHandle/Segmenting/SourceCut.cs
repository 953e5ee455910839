using Crispy.Muxing;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>How the source of a stream is cut, by what is known of it.</summary>
internal static class SourceCut
{
    /// <summary>A playlist's pictures come by the part, all at once.</summary>
    private static readonly TimeSpan LongestPart = TimeSpan.FromSeconds(60);

    /// <param name="stream">The stream.</param>
    /// <param name="facts">What its source holds; null where it was not looked at.</param>
    /// <param name="isLive">Whether the source has no end.</param>
    public static CutOptions Of(StreamOptions stream, SourceFacts? facts, bool isLive)
    {
        var copies = stream.Mode == SegmentMode.Copy;
        return new()
        {
            Window = stream.Window,
            Container = stream.Container,
            IsLive = isLive,
            Silence = facts?.IsFormat("hls", "dash") == true ? LongestPart : TimeSpan.FromSeconds(5),
            HardCut = stream.HardCut,
            IsEncoded = !copies,
            WrapBits = facts?.IsFormat("mpegts", "hls") == true ? 33 : stream.Url.Scheme is "rtsp" or "rtsps" ? 32 : null,
            SourceTick = TickOf(facts?.Tick),
            SoundTick = TickOf(facts?.SoundTick),
            HidesBeforeZero = copies && facts?.IsFormat("mov", "mp4") == true,
            Times = TimesOf(facts, copies, isLive),
            VideoCodec = copies ? facts?.VideoCodec : null,
            Rotation = copies ? facts?.Rotation ?? 0 : 0,
            FieldOrder = copies && facts?.FieldOrder is not "progressive" ? facts?.FieldOrder : null,
            End = facts is { StartTime: { } start, VideoDuration: { } length } ? start + length : null,
            // Of a bare stream libavformat tells its own default, from release 6 on; the codec's parameters know.
            DeclaredFrame = facts?.IsFormat("h264", "hevc") == true ? null : facts?.AverageFrameRate is { Value: > 0.001 and < 1000 } rate
                ? new(rate.Denominator, rate.Numerator)
                : null,
        };
    }

    private static Tick? TickOf(Ratio? ratio) => ratio is { Value: > 0 } tick ? new(tick.Numerator, tick.Denominator) : null;

    private static TimeBasis TimesOf(SourceFacts? facts, bool copies, bool isLive) => facts?.Times switch
    {
        SourceTimes.None when isLive && copies => TimeBasis.Arrival,
        SourceTimes.None or SourceTimes.Rate => TimeBasis.Declared,
        _ => TimeBasis.Source,
    };
}
