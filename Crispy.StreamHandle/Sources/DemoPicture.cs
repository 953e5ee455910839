using System.Globalization;
using System.Text.RegularExpressions;

namespace Crispy.StreamHandle.Sources;

/// <summary>The generated picture of a <c>demo:</c> source, with a running clock: <c>demo:?size=640x360&amp;fps=25&amp;duration=10</c>.
/// Endless and in real time, unless it has a duration.</summary>
public sealed partial record DemoPicture
{
    /// <summary>Pixels of a row, 16 to 7680.</summary>
    public int Width { get; private init; } = 1280;

    /// <summary>Rows, 16 to 4320.</summary>
    public int Height { get; private init; } = 720;

    /// <summary>Frames per second, 1 to 120.</summary>
    public int Fps { get; private init; } = 25;

    /// <summary>Length; null is endless.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>Reads the query of a demo URL.</summary>
    /// <exception cref="FormatException">An unknown or bad parameter; the message names it.</exception>
    public static DemoPicture Parse(SourceUrl url)
    {
        var picture = new DemoPicture();
        var text = url.Secret["demo:".Length..].TrimStart('/');
        if (text.Length == 0) return picture;
        if (text[0] != '?') throw new FormatException($"'{url.Secret}' is not a demo URL such as demo:?size=640x360&fps=25");
        foreach (var pair in text[1..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            picture = pair.Split('=', 2) switch
            {
                ["size", var size] when SizePattern().Match(size) is { Success: true } match =>
                    picture with { Width = Between("size", match.Groups[1].Value, 16, 7680),
                        Height = Between("size", match.Groups[2].Value, 16, 4320) },
                ["fps", var fps] => picture with { Fps = Between("fps", fps, 1, 120) },
                ["duration", var seconds] => picture with { Duration = TimeSpan.FromSeconds(Between("duration", seconds, 1, 86_400)) },
                _ => throw new FormatException($"'{pair}' is none of size=WIDTHxHEIGHT, fps=N, duration=SECONDS"),
            };
        return picture;
    }

    /// <summary>The filter graph that draws it.</summary>
    /// <param name="withClock">Whether this ffmpeg has the drawtext filter.</param>
    public string Filter(bool withClock)
    {
        var source = string.Create(CultureInfo.InvariantCulture, $"testsrc2=size={Width}x{Height}:rate={Fps}");
        // One without an end is a camera: a frame is drawn when it is due, and its clock shows that time.
        source += Duration is { } duration
            ? string.Create(CultureInfo.InvariantCulture, $":duration={duration.TotalSeconds}")
            : ",realtime";
        return withClock
            ? $"{source},drawtext=text='%{{gmtime}} UTC':x=(w-tw)/2:y=h-2*th:fontsize=h/12:fontcolor=white:box=1:boxcolor=black@0.6"
            : source;
    }

    private static int Between(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new FormatException($"{name} '{text}' is not from {least} to {most}");

    [GeneratedRegex(@"\A(\d{1,5})x(\d{1,5})\z")]
    private static partial Regex SizePattern();
}
