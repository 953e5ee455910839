using System.Globalization;
using System.Text;
using Crispy.Muxing.Cutting;
using Crispy.StreamHandle.Sources;
using FFMpegCore;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>The command line of a stream's ffmpeg. ffmpeg opens the source, encodes where that is asked for, and hands packets over on its
/// standard output (<see cref="Carrier"/>).</summary>
internal static class SegmenterCommand
{
    /// <summary>The arguments, quoted for a command line.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="input">How its source is opened.</param>
    /// <param name="facts">What the source holds; null where it was not looked at.</param>
    /// <param name="times">Where the times of its pictures come from.</param>
    /// <param name="live">Whether latency counts more than compression.</param>
    public static string Arguments(StreamOptions stream, SourceInput input, SourceFacts? facts, TimeBasis times, bool live) =>
        FFMpegArguments.FromFileInput(Quoted(input.Address), verifyExists: false, options =>
            {
                options.WithCustomArgument("-hide_banner -nostdin -nostats -loglevel +level+warning");
                foreach (var option in input.Options) options.WithCustomArgument(option);
                options.WithCustomArgument(Carrier.Input);
            })
            .OutputToFile("pipe:1", overwrite: true, options =>
            {
                var maps = SourceMaps.Of(stream, facts);
                options.WithCustomArgument($"-map {maps.Video} -dn -sn");
                foreach (var argument in Audio(stream, facts, maps)) options.WithCustomArgument(argument);
                foreach (var argument in Video(stream, facts, times, live)) options.WithCustomArgument(argument);
                options.WithCustomArgument(Carrier.Output(live));
            })
            .Arguments;

    private static IEnumerable<string> Audio(StreamOptions stream, SourceFacts? facts, SourceMaps maps)
    {
        if (stream.Audio == AudioPolicy.Drop || maps.Audio is null) return ["-an"];
        var copied = stream.Audio == AudioPolicy.Keep
            && (facts?.AudioCodec is not { } codec || Muxing.Writing.ChunkWriters.HoldsAudio(stream.Container, codec));
        return [$"-map {maps.Audio}", copied ? "-c:a copy" : "-c:a aac", $"-bsf:a \"{Carrier.Sound}\""];
    }

    private static IEnumerable<string> Video(StreamOptions stream, SourceFacts? facts, TimeBasis times, bool live)
    {
        if (stream.Mode == SegmentMode.Copy) return Copied(times);
        return Encoded(stream, facts, live);
    }

    // Pictures in front of the first keyframe are handed over too: what becomes of them is the cutter's to say.
    private static IEnumerable<string> Copied(TimeBasis times)
    {
        yield return "-c:v copy -copyinkf:v";
        // A filter of packets passes each on with the next one: a picture that is timed by its arrival must not wait for that.
        if (times != TimeBasis.Arrival) yield return $"-bsf:v \"{Carrier.Pictures}\"";
    }

    private static IEnumerable<string> Encoded(StreamOptions stream, SourceFacts? facts, bool live)
    {
        var filters = new List<string> { Carrier.Frames };
        if (stream.EveryNthFrame > 1) filters.Add(string.Create(CultureInfo.InvariantCulture, $"framestep={stream.EveryNthFrame}"));
        if (stream.Scale is { } scale) filters.Add($"scale={scale}");
        yield return $"-vf \"{string.Join(',', filters)}\"";
        yield return $"-c:v {stream.Codec}";
        if (stream.Codec is "libx264" or "libx265")
        {
            yield return "-preset veryfast -pix_fmt yuv420p";
            if (live) yield return "-tune zerolatency";
        }
        if (stream.Crf is { } crf) yield return string.Create(CultureInfo.InvariantCulture, $"-crf {crf}");
        // Each frame keeps its time, to its source's tick; a gap stays a gap instead of being filled with copies of a frame.
        yield return "-fps_mode passthrough";
        if (TakesAnyTick(stream.Codec)) yield return $"-enc_time_base {Tick(facts)}";
        yield return $"-force_key_frames \"expr:{Carrier.KeyframeEvery(stream.Window)}\"";
        yield return $"-bsf:v \"{Carrier.Pictures}\"";
    }

    // RTP's unit where the source was not looked at. That of a source cannot be asked for by one word that all releases know.
    private static string Tick(SourceFacts? facts) => facts?.Tick is { } tick ? $"{tick.Numerator}/{tick.Denominator}" : "1/90000";

    // MPEG's encoders know their standards' frame rates only.
    private static bool TakesAnyTick(string encoder) =>
        encoder is not ("mpeg4" or "mpeg1video" or "mpeg2video" or "h263" or "h263p" or "msmpeg4" or "flv");

    // FFMpegCore puts the address in double quotes, and .NET splits the line by the rules of Windows: only quotes, and backslashes before
    // them, need care.
    private static string Quoted(string address)
    {
        var quoted = new StringBuilder();
        var backslashes = 0;
        foreach (var character in address)
        {
            if (character == '"') quoted.Append('\\', backslashes + 1);
            backslashes = character == '\\' ? backslashes + 1 : 0;
            quoted.Append(character);
        }
        return quoted.Append('\\', backslashes).ToString();
    }
}
