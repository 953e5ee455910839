using System.Globalization;
using Crispy.Contracts;

namespace Crispy.AppHost.Showing;

/// <summary>The streams of a run, a line each, trouble first. A cause is never cut off: it goes on below.</summary>
internal static class StatusLines
{
    private const int LongestId = 24;

    /// <summary>Makes them.</summary>
    /// <param name="status">What stream-handle says.</param>
    /// <param name="columns">Characters of a line.</param>
    /// <param name="rows">Lines at most, at least 2.</param>
    public static IReadOnlyList<string> Of(RunStatus status, int columns, int rows)
    {
        var streams = status.Streams.OrderByDescending(stream => stream.IsInTrouble).ThenBy(stream => stream.Id, StringComparer.Ordinal)
            .ToList();
        var width = streams.Count == 0 ? 0 : Math.Min(LongestId, streams.Max(stream => stream.Id.Length));
        var lines = new List<string>();
        foreach (var (index, stream) in streams.Index())
        {
            var next = Lines(stream, width, columns);
            var isLast = index == streams.Count - 1;
            if (lines.Count + next.Count > rows - (isLast ? 0 : 1))
            {
                lines.Add(Rest(streams[index..]));
                break;
            }
            lines.AddRange(next);
        }
        return lines;
    }

    /// <summary>All of them in a line.</summary>
    public static string Summary(RunStatus status)
    {
        var streams = status.Streams;
        var (recording, spooled, dead, lost) = (streams.Count(stream => stream.State == "running"), streams.Sum(stream => stream.Spooled),
            streams.Sum(stream => stream.Dead), streams.Sum(stream => stream.Lost));
        return string.Create(CultureInfo.InvariantCulture,
            $"{recording} of {Spell.Count(streams.Count, "stream")} recording; "
                + $"{Spell.Count(streams.Sum(stream => stream.Stored), "chunk")} stored, {spooled} on the way, {dead} dead, {lost} lost");
    }

    /// <summary>A state in a word or two.</summary>
    public static string State(RunStatus.Stream stream) => stream.State switch
    {
        "running" => "recording",
        "starting" => "connecting",
        "backoff" => "no video",
        "ended" => "at its end",
        _ => stream.State,
    };

    private static List<string> Lines(RunStatus.Stream stream, int width, int columns)
    {
        var id = Cut(stream.Id, width).PadRight(width);
        var head = $"{id}  {State(stream),-10}";
        if (stream is { IsInTrouble: true, Error: { } error }) return Wrap(head, Spell.Printable(Cause.Of(error, stream.Url)), columns);
        List<string> parts = [];
        if (stream is { State: "running", Fps: { } fps }) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{fps,4:0.#}/s"));
        if (stream is { State: "running", Bitrate: { } bits }) parts.Add(Spell.Bitrate(bits).PadLeft(11));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{stream.Stored,6} stored"));
        if (stream.Spooled > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{stream.Spooled} on the way"));
        if (stream.Dead > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{stream.Dead} DEAD"));
        if (stream.Lost > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{stream.Lost} LOST"));
        return [Cut($"{head}  {string.Join("  ", parts)}", columns)];
    }

    private static string Rest(List<RunStatus.Stream> rest)
    {
        var states = rest.GroupBy(State).OrderByDescending(group => group.Count())
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"));
        return $"... and {Spell.Count(rest.Count, "more stream")}: {string.Join(", ", states)}";
    }

    private static List<string> Wrap(string head, string text, int columns)
    {
        var room = Math.Max(16, columns - head.Length - 2);
        var lines = new List<string>();
        for (var rest = text; rest.Length > 0;)
        {
            var take = rest.Length <= room ? rest.Length : rest.LastIndexOf(' ', room) is > 0 and var blank ? blank : room;
            lines.Add($"{(lines.Count == 0 ? head : new string(' ', head.Length))}  {rest[..take]}");
            rest = rest[take..].TrimStart();
        }
        return lines.Count == 0 ? [head] : lines;
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";
}
