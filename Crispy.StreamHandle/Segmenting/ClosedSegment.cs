using System.Globalization;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>A segment that ffmpeg has closed, from a line of its list: <c>00000001.mkv,3.967000,6.966000</c>.</summary>
/// <param name="Path">The file, complete.</param>
/// <param name="Start">Time of its first video frame on ffmpeg's timeline; of the very first segment always 0, whatever its frames say.</param>
/// <param name="End">Time on ffmpeg's timeline at which its last video frame ends.</param>
/// <param name="ClosedAt">Our clock when the line was read.</param>
internal sealed record ClosedSegment(string Path, TimeSpan Start, TimeSpan End, DateTimeOffset ClosedAt)
{
    /// <summary>Whether ffmpeg's process has ended and this is the last segment of its run.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether ffmpeg complained of missing or corrupt data while it wrote this segment, or frames of it were lost when it was interrupted.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Its place among the segments of its run, from 0; -1 where the file's name does not tell.</summary>
    public int Index => int.TryParse(System.IO.Path.GetFileNameWithoutExtension(Path), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    /// <exception cref="FormatException">The line is none of a segment list.</exception>
    public static ClosedSegment Parse(string line, string folder, DateTimeOffset now)
    {
        if (line.Split(',') is not [var name, var start, var end] || System.IO.Path.GetFileName(name) != name) throw new FormatException($"'{line}' is no line of a segment list");
        return new(System.IO.Path.Combine(folder, name), Seconds(start), Seconds(end), now);
    }

    private static TimeSpan Seconds(string text) => TimeSpan.FromTicks((long)(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond));
}
