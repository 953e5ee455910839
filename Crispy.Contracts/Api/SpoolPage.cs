namespace Crispy.Contracts.Api;

/// <summary>A chunk that lies in the spool.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="State"><c>spooled</c>: waits for its upload; or <c>dead</c>: no retry can store it.</param>
/// <param name="Object">The name under which it is, or would be, stored.</param>
public sealed record SpooledItem(string Chunk, DateTimeOffset From, DateTimeOffset To, long Size, string State, string Object)
{
    /// <summary>By presentation timestamps, in seconds.</summary>
    public decimal? Duration { get; init; }

    /// <summary>The video codec as ffmpeg names it.</summary>
    public string? Codec { get; init; }

    /// <summary>Pixels of a row.</summary>
    public int? Width { get; init; }

    /// <summary>Rows of a picture.</summary>
    public int? Height { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown; absent for 0.</summary>
    public int? Rotation { get; init; }

    /// <summary>Width to height of a pixel, as in <c>12:11</c>; absent where it is square or not known.</summary>
    public string? Sar { get; init; }

    /// <summary>What is special about it (<see cref="ChunkFlag"/>).</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}

/// <summary>A page of what of a stream lies in the spool, by sequence number.</summary>
/// <param name="Total">How many chunks there are in all.</param>
/// <param name="Items">This page. One that a worker takes away meanwhile is left out.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record SpoolPage(int Total, IReadOnlyList<SpooledItem> Items, string? Next)
{
    /// <summary>The header that names the object of a chunk whose video is sent.</summary>
    public const string ObjectHeader = "Crispy-Object";
}
