namespace Crispy.StreamHandle.Watching;

/// <summary>Remembers since when a server is as it is. One writer, any readers.</summary>
internal sealed class ServerWatch
{
    private volatile ServiceDuty _now = ServiceDuty.Unknown;

    /// <summary>How it is.</summary>
    public ServiceDuty Now => _now;

    /// <summary>Notes how it is now.</summary>
    /// <param name="well">Whether it can be used; null where that is not known.</param>
    /// <param name="reason">Why not; null while it can.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="since">Since when, where somebody else knows.</param>
    public void Note(bool? well, string? reason, DateTimeOffset now, DateTimeOffset? since = null) =>
        _now = new(well, since ?? (_now.Well == well && _now.Since is { } known ? known : now), reason);
}
