namespace Crispy.Contracts.Api;

/// <summary>A chunk that lies in the spool.</summary>
/// <param name="Chunk">Its id.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="State"><c>spooled</c>: waits for its upload; or <c>dead</c>: no retry can mend it.</param>
/// <param name="Object">The name under which it is, or would be, stored.</param>
public sealed record SpooledItem(string Chunk, DateTimeOffset From, DateTimeOffset To, long Size, string State, string Object);

/// <summary>A page of what of a stream lies in the spool, by sequence number.</summary>
/// <param name="Total">How many chunks there are in all.</param>
/// <param name="Items">This page. One that a worker takes away meanwhile is left out.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record SpoolPage(int Total, IReadOnlyList<SpooledItem> Items, string? Next);
