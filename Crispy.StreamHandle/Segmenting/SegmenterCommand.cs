using System.Globalization;
using Crispy.Contracts;
using Crispy.StreamHandle.Sources;
using FFMpegCore;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>The command line of a stream's ffmpeg. It runs in the folder of its segments, so no path of ours needs quoting.</summary>
internal static class SegmenterCommand
{
    /// <summary>The arguments, quoted for a command line.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="input">How its source is opened.</param>
    /// <param name="facts">What the source holds; null where it was not looked at.</param>
    /// <param name="paced">Whether ffmpeg itself must hold the speed at which the video plays.</param>
    /// <param name="live">Whether latency counts more than compression.</param>
    /// <param name="tap">Where a camera's keyframes are sent for their times; null where they are not.</param>
    public static string Arguments(StreamOptions stream, SourceInput input, SourceFacts? facts, bool paced, bool live, KeyframeTap? tap = null) =>
        string.Join(' ', [Recording(stream, input, facts, paced, live), .. tap?.Outputs(TimestampRepair.ForPackets(LongestStep(stream))) ?? []]);

    private static string Recording(StreamOptions stream, SourceInput input, SourceFacts? facts, bool paced, bool live) =>
        FFMpegArguments.FromFileInput(Quoted(input.Address), verifyExists: false, options =>
            {
                options.WithCustomArgument("-hide_banner -nostdin -nostats -loglevel +level+warning");
                foreach (var option in input.Options) options.WithCustomArgument(option);
                // The report tells a stalled source from one whose keyframes lie far apart.
                if (live) options.WithCustomArgument("-stats_period 1 -progress pipe:2");
                if (paced) options.WithCustomArgument("-re");
            })
            .OutputToFile($"%08d.{stream.Container}", overwrite: true, options =>
            {
                var maps = SourceMaps.Of(stream, facts);
                options.WithCustomArgument($"-map {maps.Video} -dn -sn");
                foreach (var argument in Audio(stream, facts, maps)) options.WithCustomArgument(argument);
                foreach (var argument in Video(stream, facts, live)) options.WithCustomArgument(argument);
                foreach (var argument in Segments(stream)) options.WithCustomArgument(argument);
            })
            .Arguments;

    // A camera sends frames all the time. In a file minutes may lie between two of them, and what it says is all that is known.
    private static TimeSpan LongestStep(StreamOptions stream) => stream.Url.Scheme is "file" ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(10);

    private static IEnumerable<string> Audio(StreamOptions stream, SourceFacts? facts, SourceMaps maps)
    {
        if (stream.Audio == AudioPolicy.Drop || maps.Audio is null) return ["-an"];
        var copied = stream.Audio == AudioPolicy.Keep && Holds(stream.Container, facts?.AudioCodec);
        return [$"-map {maps.Audio}", copied ? "-c:a copy" : "-c:a aac", $"-bsf:a {TimestampRepair.ForPackets(LongestStep(stream))}"];
    }

    // Matroska holds every codec. MP4 has no tag for G.711 and PCM, and a transport stream carries them as private data that no player reads.
    private static bool Holds(string container, string? audioCodec) => container switch
    {
        ChunkContainer.Matroska => true,
        ChunkContainer.Mp4 => audioCodec is null or "aac" or "mp3" or "ac3" or "eac3" or "opus" or "flac" or "alac",
        _ => audioCodec is null or "aac" or "mp3" or "mp2" or "ac3" or "eac3",
    };

    private static IEnumerable<string> Video(StreamOptions stream, SourceFacts? facts, bool live)
    {
        if (stream.Mode == SegmentMode.Copy) return Copied(stream, facts);
        return Encoded(stream, live);
    }

    private static IEnumerable<string> Copied(StreamOptions stream, SourceFacts? facts)
    {
        yield return "-c:v copy";
        var filters = $"-bsf:v {TimestampRepair.ForPackets(LongestStep(stream))}";
        // Every chunk must be readable alone: parameter sets before each keyframe, also those that are no IDR picture (open GOP).
        if (stream.Container == ChunkContainer.TransportStream && facts?.VideoCodec is "h264" or "hevc") filters += $",{facts.VideoCodec}_mp4toannexb,dump_extra";
        yield return filters;
        if (stream.HardCut) yield return "-break_non_keyframes 1";
        // A keyframe may lie a hair before the grid, by the rounding of its container or its camera's clock: without the tolerance it
        // would miss the cut and the chunk would be a whole GOP longer.
        yield return "-segment_time_delta 0.02";
    }

    private static IEnumerable<string> Encoded(StreamOptions stream, bool live)
    {
        var filters = new List<string> { TimestampRepair.ForFrames(LongestStep(stream)) };
        if (stream.EveryNthFrame > 1) filters.Add(string.Create(CultureInfo.InvariantCulture, $"framestep={stream.EveryNthFrame}"));
        if (stream.Scale is { } scale) filters.Add($"scale={scale}");
        yield return $"-vf {string.Join(',', filters)}";
        yield return $"-c:v {stream.Codec}";
        if (stream.Codec is "libx264" or "libx265")
        {
            yield return "-preset veryfast -pix_fmt yuv420p";
            if (live) yield return "-tune zerolatency";
        }
        if (stream.Crf is { } crf) yield return string.Create(CultureInfo.InvariantCulture, $"-crf {crf}");
        // vfr: a gap in the source stays a gap instead of being filled with copies of a frame.
        yield return "-fps_mode vfr";
        yield return $"-force_key_frames \"expr:gte(t,n_forced*{Seconds(stream.Window)})\"";
    }

    // The outer avoid_negative_ts would shift the whole stream by the delay of B-frames, the inner one each Matroska chunk by its earliest
    // audio packet. delay_moov puts the head first and keeps each track's own start by an edit list.
    // Chunks have better checksums than Matroska's, which are 40 % of the CPU time of copying.
    private static IEnumerable<string> Segments(StreamOptions stream)
    {
        yield return $"-avoid_negative_ts disabled -f segment -segment_time {Seconds(stream.Window)} -reset_timestamps 1";
        yield return "-segment_list pipe:1 -segment_list_type csv";
        yield return stream.Container switch
        {
            ChunkContainer.Matroska => "-segment_format matroska -segment_format_options avoid_negative_ts=disabled:write_crc32=0",
            ChunkContainer.Mp4 => "-segment_format mp4 -segment_format_options movflags=+delay_moov+default_base_moof",
            _ => "-segment_format mpegts",
        };
    }

    private static string Seconds(TimeSpan span) => ((decimal)span.Ticks / TimeSpan.TicksPerSecond).ToString("0.######", CultureInfo.InvariantCulture);

    // FFMpegCore puts the address in double quotes, and .NET splits the line by the rules of Windows: only quotes, and backslashes before them, need care.
    private static string Quoted(string address)
    {
        var quoted = new System.Text.StringBuilder();
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
