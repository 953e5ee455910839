namespace Crispy.Console.Notifying;

/// <summary>What must not be forgotten by a restart: what has begun, what was counted, and notices that are not yet in every target's
/// outbox.
/// One file holds all of it, so that begin, end and the notices of both change together.</summary>
internal sealed class NotifyMemory
{
    /// <summary>What began and has not ended.</summary>
    public List<Incident> Open { get; set; } = [];

    /// <summary>Chunks that were lost.</summary>
    public Tally Lost { get; set; } = new();

    /// <summary>Chunks that died.</summary>
    public Tally Dead { get; set; } = new();

    /// <summary>Notices that are decided and may be missing in an outbox.</summary>
    public List<NumberedNotice> Fresh { get; set; } = [];

    /// <summary>The number of the newest notice.</summary>
    public long Number { get; set; }
}

/// <summary>A notice with its place in the order of all.</summary>
/// <param name="Number">Its place; greater is newer.</param>
/// <param name="Notice">The notice.</param>
internal sealed record NumberedNotice(long Number, Notice Notice);

/// <summary>Something that began and has not ended.</summary>
internal sealed class Incident
{
    /// <summary>What it is about.</summary>
    public NoticeKind Kind { get; set; }

    /// <summary>What begins and ends.</summary>
    public string Key { get; set; } = "";

    /// <summary>How bad it was told to be.</summary>
    public Level Level { get; set; }

    /// <summary>What was told.</summary>
    public string Text { get; set; } = "";

    /// <summary>Since when, UTC.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>How many cameras it was told of.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Cameras that are not back yet: their ids, and their names for people.</summary>
    public SortedDictionary<string, string> Away { get; set; } = new(StringComparer.Ordinal);
}

/// <summary>Something that is counted and told of from time to time.</summary>
internal sealed class Tally
{
    /// <summary>The last value of each stream's own counter, by stream-handle and stream.</summary>
    public Dictionary<string, long> Seen { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What is not told yet, by the stream's name.</summary>
    public SortedDictionary<string, long> Untold { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Since when the first of that waits to be told, UTC.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>When it was last told, UTC.</summary>
    public DateTimeOffset? Told { get; set; }
}
