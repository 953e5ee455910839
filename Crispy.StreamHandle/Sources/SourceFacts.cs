namespace Crispy.StreamHandle.Sources;

/// <summary>What one look at a source's head says. What was not told is null.</summary>
/// <param name="VideoCodec">As ffmpeg names it.</param>
/// <param name="AudioCodec">As ffmpeg names it; null without audio.</param>
/// <param name="CreationTime">The container's creation time; null where it has none.</param>
/// <param name="Duration">The source's length; null where it is endless or unknown.</param>
public sealed record SourceFacts(string VideoCodec, string? AudioCodec, DateTimeOffset? CreationTime, TimeSpan? Duration)
{
    /// <summary>ffmpeg's names of the container, by comma: <c>mpegts</c>, <c>mov,mp4,m4a,3gp,3g2,mj2</c>, <c>hls</c>;
    /// <c>concat</c> where a script hides it.</summary>
    public string FormatName { get; init; } = "";

    /// <summary>ffmpeg's index of the chosen video track; null takes the first that is no cover picture.</summary>
    public int? VideoIndex { get; init; }

    /// <summary>ffmpeg's index of the chosen audio track; null where there is none.</summary>
    public int? AudioIndex { get; init; }

    /// <summary>Pixels of a coded row; 0 where it is not known.</summary>
    public int Width { get; init; }

    /// <summary>Coded rows; 0 where it is not known.</summary>
    public int Height { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Width to height of a pixel; null where it is not known.</summary>
    public Ratio? SampleAspect { get; init; }

    /// <summary><c>progressive</c>, <c>tt</c>, <c>bb</c>, <c>tb</c> or <c>bt</c> as ffprobe names them (first letter: the field coded
    /// first, second: the field shown first).</summary>
    public string? FieldOrder { get; init; }

    /// <summary>The source's own time of its first picture.</summary>
    public TimeSpan? StartTime { get; init; }

    /// <summary>Length of the video track alone, where the container tells it; else null.</summary>
    public TimeSpan? VideoDuration { get; init; }

    /// <summary>Frames a second on average, as far as the head tells.</summary>
    public Ratio? AverageFrameRate { get; init; }

    /// <summary>The unit of the video's times, in seconds; null where it is not known.</summary>
    public Ratio? Tick { get; init; }

    /// <summary>The unit of the sound's times, in seconds; null where it is not known.</summary>
    public Ratio? SoundTick { get; init; }

    /// <summary>What the container says about its frames' times.</summary>
    public SourceTimes Times { get; init; }

    /// <summary>Bytes of the source.</summary>
    public long? Length { get; init; }

    /// <summary>What an HTTP server said of the source; null for other sources.</summary>
    internal HttpAnswer? Http { get; init; }

    /// <summary>The tracks to record.</summary>
    public SourceMaps Maps =>
        new(VideoIndex is { } video ? $"0:{video}" : SourceMaps.Default.Video, AudioIndex is { } audio ? $"0:{audio}" : null);

    /// <summary>Whether the format is one of ffmpeg's <paramref name="names"/>.</summary>
    public bool IsFormat(params ReadOnlySpan<string> names)
    {
        foreach (var name in FormatName.Split(','))
            if (names.Contains(name)) return true;
        return false;
    }
}

/// <summary>What a container says about its frames' times.</summary>
public enum SourceTimes
{
    /// <summary>Each frame has its own.</summary>
    Own,

    /// <summary>None but a rate for all frames, in the order of decoding (AVI).</summary>
    Rate,

    /// <summary>None: ffmpeg invents them (bare H.264, MJPEG over HTTP).</summary>
    None,
}

/// <summary>A fraction.</summary>
/// <param name="Numerator">Above 0.</param>
/// <param name="Denominator">Above 0.</param>
public readonly record struct Ratio(int Numerator, int Denominator)
{
    /// <summary>As a number.</summary>
    public double Value => (double)Numerator / Denominator;

    /// <summary>Reads <c>30000/1001</c> or <c>12:11</c>.</summary>
    /// <returns>Null for what is no fraction above 0: ffprobe writes <c>0/0</c> for what it does not know.</returns>
    internal static Ratio? Parse(string? text) =>
        text?.Split('/', ':') is [var above, var below] && int.TryParse(above, out var numerator)
        && int.TryParse(below, out var denominator) && numerator > 0 && denominator > 0
            ? new(numerator, denominator)
            : null;
}

/// <summary>The tracks to record, as ffmpeg's <c>-map</c> takes them.</summary>
/// <param name="Video">The video track.</param>
/// <param name="Audio">The audio track; null where there is none.</param>
public sealed record SourceMaps(string Video, string? Audio)
{
    /// <summary>Those of a source that was not looked at: the first video track that is no cover picture, and the first audio track,
    /// if any.</summary>
    public static readonly SourceMaps Default = new("0:V:0", "0:a:0?");

    /// <summary>The tracks of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="facts">What its source holds; null where it was not looked at.</param>
    public static SourceMaps Of(StreamOptions stream, SourceFacts? facts) =>
        facts?.Maps ?? (stream.AudioTrack is { } track ? Default with { Audio = Unseen(track) } : Default);

    private static string Unseen(string track) => track.All(char.IsAsciiDigit) ? $"0:a:{track}?" : $"0:a:m:language:{track}?";
}
