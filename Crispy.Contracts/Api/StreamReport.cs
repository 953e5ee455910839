namespace Crispy.Contracts.Api;

/// <summary>One stream, as the API shows it.</summary>
/// <remarks>Of a stream that was removed, or is no longer configured, this is shown until the spool holds nothing of it.</remarks>
public sealed record StreamReport
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; null where the id is name enough.</summary>
    public string? Name { get; init; }

    /// <summary>The group in which people look for it, such as <c>Building A/Gate</c>; null where it has none.</summary>
    public string? Group { get; init; }

    /// <summary>Short words by which people find it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its source, without secrets.</summary>
    public string Url { get; init; } = "";

    /// <summary><c>finite</c> or <c>live</c>.</summary>
    public StreamKind Kind { get; init; }

    /// <summary><c>starting</c>, <c>running</c>, <c>backoff</c>, <c>standby</c> (another replica records it), <c>paused</c>, <c>ended</c>,
    /// <c>failed</c> or <c>removed</c>.</summary>
    public StreamState State { get; init; }

    /// <summary>Why it is not running; null while it is.</summary>
    public string? Error { get; init; }

    /// <summary>The present epoch; null before the first chunk.</summary>
    public string? Epoch { get; init; }

    /// <summary>What this process took responsibility for: found in the spool at start, and captured since.</summary>
    public Captured Captured { get; init; }

    /// <summary>Closed segments that are not yet chunks.</summary>
    public int Pending { get; init; }

    /// <summary>Whether reading stands still until the spool has room.</summary>
    public bool Paused { get; init; }

    /// <summary>Chunks that lie ready in the spool.</summary>
    public int Spooled { get; init; }

    /// <summary>Since when the oldest of them has waited, UTC; null while none waits.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Chunks that no retry can store.</summary>
    public int Dead { get; init; }

    /// <summary>Of the captured, those that were declared lost, each with a loss record.</summary>
    public int Lost { get; init; }

    /// <summary>Loss records that wait for their upload.</summary>
    public int LossRecords { get; init; }

    /// <summary>Where all chunks are that this spool ever took for the stream; null before its journal was read.</summary>
    public Conservation? Law { get; init; }

    /// <summary>The clock of the last chunk: its source, uncertainty and drift; null before the first.</summary>
    public ChunkClock? Clock { get; init; }

    /// <summary>How often the source's data was missing or corrupt, since this process started.</summary>
    public long Damages { get; init; }

    /// <summary>Frames that came before a camera's first keyframe, since this process started.</summary>
    public long Discarded { get; init; }

    /// <summary>The last error, also when it is over.</summary>
    public LastError? LastError { get; init; }

    /// <summary>The newest gaps, oldest first.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];

    /// <summary>The last chunk; null before the first.</summary>
    public LastChunk? LastChunk { get; init; }

    /// <summary><c>configured</c>: only the configuration can change it; or <c>api</c>.</summary>
    public StreamOrigin Origin { get; init; } = StreamOrigin.Configured;

    /// <summary>Where in the configuration it stands; null of one that the API made.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public ConfiguredAt? ConfiguredAt { get; init; }

    /// <summary>Whether it must be recorded; false while it is paused, or once it is removed.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Counts what the API decided about it; goes into If-Match.</summary>
    public long Version { get; init; }

    /// <summary>Frames a second of the last chunk; null before the first.</summary>
    public double? Fps { get; init; }

    /// <summary>Bits a second of the last chunk; null before the first.</summary>
    public double? Bitrate { get; init; }

    /// <summary>Lines of ffmpeg's that stream-handle does not know, since this process started.</summary>
    public long Complaints { get; init; }

    /// <summary>The last of them; null without any.</summary>
    public string? LastComplaint { get; init; }

    /// <summary>How long its video must be kept; null where an older version does not say.</summary>
    public StreamRetention? Retention { get; init; }

    /// <summary>What it is, without secrets; only where one stream is asked for.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public StreamDefinition? Definition { get; init; }

    /// <summary>Frames a second to show: those of the last chunk, but not of a camera that is paused or away.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? FpsNow => State is StreamState.Running or StreamState.Ended ? Fps : null;

    /// <summary>Bits a second to show, by the same rule.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? BitrateNow => State is StreamState.Running or StreamState.Ended ? Bitrate : null;

    /// <summary>What to show as its name.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Title => string.IsNullOrWhiteSpace(Name) ? Id : Name;
}

/// <summary>Where a stream stands in the configuration, which alone can change or remove it.</summary>
/// <param name="Key">Its section: <c>Crispy:Streams:0</c>.</param>
/// <param name="Source">The file, or that it is the environment or the command line; null where that is not known.</param>
public sealed record ConfiguredAt(string Key, string? Source)
{
    /// <inheritdoc />
    public override string ToString() => Source is null ? Key : $"{Key} ({Source})";
}

/// <summary>The last chunk that became ready.</summary>
/// <param name="Id">Its id.</param>
/// <param name="From">UTC time of its first frame.</param>
/// <param name="To">UTC time at which its last frame ends.</param>
public sealed record LastChunk(string Id, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>When it became ready, by stream-handle's clock, UTC; null where an older version does not say.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>An error that a stream had.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Error">What; holds no secret.</param>
public sealed record LastError(DateTimeOffset At, string Error);

/// <summary>A page of streams, by id.</summary>
/// <param name="Total">How many there are in all.</param>
/// <param name="Items">This page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record StreamPage(int Total, IReadOnlyList<StreamReport> Items, string? Next);

/// <summary>Everything at once.</summary>
/// <param name="StartedAt">When this process started its streams, UTC.</param>
/// <param name="Ended">Whether there are finite sources, all of them have ended or failed, and nothing of them waits in memory or in the
/// spool.</param>
/// <param name="Captured">Sum over the streams.</param>
/// <param name="Spooled">Sum over the streams.</param>
/// <param name="Dead">Sum over the streams.</param>
/// <param name="Lost">Sum over the streams.</param>
/// <param name="LossRecords">Sum over the streams.</param>
/// <param name="Law">Sum over the streams; null before all journals were read.</param>
/// <param name="SpoolBytes">Bytes of all files in the spool, as last measured.</param>
/// <param name="Broker">What keeps chunks from being published; null when nothing does.</param>
/// <param name="Streams">The streams.</param>
public sealed record StatusReport(
    DateTimeOffset StartedAt, bool Ended, Captured Captured, int Spooled, int Dead, int Lost, int LossRecords, Conservation? Law,
    long SpoolBytes, string? Broker, IReadOnlyList<StreamReport> Streams)
{
    /// <summary>stream-handles that did not answer the console, whose part is missing here; null where all did.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AwayReport>? Away { get; init; }
}

/// <summary>A stream-handle that did not answer the console.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Error">Why.</param>
public sealed record AwayReport(string Address, string Error);

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last.</param>
/// <param name="Total">How many there are in all; null where nobody counts.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, int? Total = null);
