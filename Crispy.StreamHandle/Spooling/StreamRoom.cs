using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Spooling;

/// <summary>What one stream may put into the spool.</summary>
/// <param name="stream">The stream.</param>
/// <param name="spool">The spool.</param>
/// <param name="hasLive">Tells whether any of the streams is a live one.</param>
internal sealed class StreamRoom(StreamOptions stream, SpoolParts spool, Func<bool> hasLive)
{
    /// <summary>The spool.</summary>
    public SpoolParts Spool => spool;

    /// <summary>Closed segments that are not yet chunks, above which a finite source pauses.</summary>
    public int MostPending => spool.Options.MaxPendingSegments;

    /// <summary>Bytes of all files in the spool.</summary>
    public long Bytes => spool.Gauge.Bytes;

    /// <summary>Whether a live stream's new segments are lost instead of spooled.</summary>
    public bool LosesNewest => spool.Budget.LosesNewest(stream);

    /// <summary>Whether a live stream is to end its recording until there is room.</summary>
    public bool IsClosed => stream.OnFull == OnFull.Stop && spool.Budget.IsOver(stream.Id);

    /// <summary>Whether a finite source may put more into the spool.</summary>
    public bool Admits => spool.Budget.Admits(stream.Id, hasLive());

    /// <summary>Whether a finite source that was held back may go on.</summary>
    public bool HasRoomAgain => spool.Budget.HasRoomAgain(stream.Id, hasLive());

    /// <summary>Counts bytes that were just added, or taken away.</summary>
    public void Add(long bytes) => spool.Gauge.Add(stream.Id, bytes);

    /// <summary>Notes that the disk did not take a write.</summary>
    public void Refused() => spool.Budget.Refused();
}
