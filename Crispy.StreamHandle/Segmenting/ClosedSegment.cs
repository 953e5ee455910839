using System.Globalization;
using Crispy.Muxing.Cutting;

namespace Crispy.StreamHandle.Segmenting;

/// <summary>A segment that is complete and not a chunk yet.</summary>
/// <param name="Path">The file.</param>
/// <param name="Start">When its first picture is shown, on its source's timeline.</param>
/// <param name="End">When its last picture ends, on that timeline.</param>
/// <param name="ClosedAt">Our clock when it was complete.</param>
internal sealed record ClosedSegment(string Path, TimeSpan Start, TimeSpan End, DateTimeOffset ClosedAt)
{
    /// <summary>What the cutter knows of it; null where it was found after a crash.</summary>
    public CutChunk? Cut { get; init; }

    /// <summary>Whether its source or its recording ended with it.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether ffmpeg complained of missing or corrupt data of it, or pictures of it were lost when it was interrupted.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Its place among the segments of its run, from 0; -1 where the file's name does not tell.</summary>
    public int Index =>
        int.TryParse(System.IO.Path.GetFileNameWithoutExtension(Path), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        ? index
        : -1;

    /// <summary>A segment that the cutter has closed.</summary>
    public static ClosedSegment Of(CutChunk cut, DateTimeOffset now) =>
        new(cut.Path, cut.Start, cut.End, now) { Cut = cut, IsLast = cut.IsLast, IsDamaged = cut.IsCutOff || cut.MissesParameters };
}
