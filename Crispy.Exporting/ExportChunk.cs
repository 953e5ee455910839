namespace Crispy.Exporting;

/// <summary>A chunk of the range that is exported, as the archive tells of it.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="From">UTC.</param>
/// <param name="To">UTC.</param>
/// <param name="State"><c>stored</c>, <c>spooled</c>, <c>dead</c> or <c>lost</c>.</param>
/// <param name="Reason">Why it is lost; null otherwise.</param>
public sealed record ExportChunk(string Chunk, DateTimeOffset From, DateTimeOffset To, string State, string? Reason = null)
{
    /// <summary>The state of what the bucket holds: nothing else is exported.</summary>
    public const string Stored = "stored";

    /// <summary>Media time.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Video frames.</summary>
    public long Frames { get; init; }

    /// <summary>Bytes of its file.</summary>
    public long Size { get; init; }

    /// <summary>By how many degrees its picture is turned clockwise to be shown.</summary>
    public int Rotation { get; init; }

    /// <summary>Width to height of a pixel, as in <c>12:11</c>; null where it is square or not known.</summary>
    public string? Sar { get; init; }
}
