using Crispy.ChunkLogger.Events;
using Crispy.ChunkLogger.Writing;

namespace Crispy.ChunkLogger.Publishing;

/// <summary>Where entries go: first the line, which nothing downstream can hold up, then the topic if one is set. When the topic fails, the
/// event comes again and only the publishing is made up for.</summary>
/// <param name="lines">The log.</param>
/// <param name="written">The generations whose line is written.</param>
/// <param name="topic">The topic; null without one.</param>
internal sealed class Outlet(EntryLines lines, RecentNames written, RecordTopic? topic)
{
    /// <summary>Whether a line is all that becomes of an entry.</summary>
    public bool WritesLinesOnly => topic is null;

    /// <summary>Remembers that the line of a generation is written, as long as something can fail behind it.</summary>
    public void AddWritten(string identity)
    {
        if (topic is not null) written.Add(identity);
    }

    /// <summary>Writes and publishes one entry.</summary>
    /// <param name="identity">The generation that it is of.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="onWritten">Called if the line is written now, and not in an earlier attempt.</param>
    /// <param name="cancellationToken">Ends the publishing.</param>
    /// <exception cref="Calling.RefusedCallException">The topic did not take it.</exception>
    public async Task PutAsync(string identity, Entry entry, Action onWritten, CancellationToken cancellationToken)
    {
        if (topic is null || !written.Contains(identity))
        {
            lines.Write(entry.ToLine().Span);
            AddWritten(identity);
            onWritten();
        }
        if (topic is not null) await topic.PublishAsync(entry, cancellationToken);
    }
}
