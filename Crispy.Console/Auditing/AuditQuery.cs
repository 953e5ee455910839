using System.Globalization;

namespace Crispy.Console.Auditing;

/// <summary>Which entries are asked for.</summary>
/// <param name="Stream">Those about this stream; null for all.</param>
/// <param name="Person">Those of this name or subject; null for all.</param>
/// <param name="From">Those at or after this time.</param>
/// <param name="To">Those before this time.</param>
public sealed record AuditQuery(string? Stream = null, string? Person = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Most entries of a page.</summary>
    public const int MaxLimit = 1000;

    /// <summary>A page, newest first.</summary>
    /// <param name="log">The log.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="after">The <c>next</c> of the page before; null for the first.</param>
    /// <param name="stop">Ends the reading.</param>
    public AuditPage Read(AuditLog log, int limit, long? after, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(log);
        var found = new List<AuditEntry>();
        foreach (var entry in log.NewestFirst(after))
        {
            stop.ThrowIfCancellationRequested();
            if (!Fits(entry)) continue;
            if (found.Count == limit) return new(found, found[^1].Sequence.ToString(CultureInfo.InvariantCulture));
            found.Add(entry);
        }
        return new(found, null);
    }

    private bool Fits(AuditEntry entry) =>
        (Stream is null || entry.Stream == Stream
            || entry.Chunks?.Any(chunk => chunk.StartsWith($"{Stream}/", StringComparison.Ordinal)) == true)
        && (Person is null || Same(entry.Name) || Same(entry.Subject)) && !(entry.At < From) && !(entry.At >= To);

    private bool Same(string text) => text.Equals(Person, StringComparison.OrdinalIgnoreCase);
}
