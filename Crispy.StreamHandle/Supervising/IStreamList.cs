using Crispy.StreamHandle.Sources;

namespace Crispy.StreamHandle.Supervising;

/// <summary>Which streams there are. Safe for concurrent use.</summary>
public interface IStreamList
{
    /// <summary>All streams: the configured ones in their order, then the others by id.</summary>
    IReadOnlyList<StreamEntry> Entries { get; }

    /// <summary>Ids of those that should be recorded.</summary>
    IReadOnlyList<string> Recorded { get; }

    /// <summary>One stream; null where there is none of that id.</summary>
    StreamEntry? Find(string id);

    /// <summary>What a removed stream was, as far as that is known: enough to bring its spool in order.</summary>
    StreamOptions Leftover(string id);
}
