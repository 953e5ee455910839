using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Console.Recorders;

/// <summary>One stream, as stream-handle's API tells it. Fields that are not here are ignored.</summary>
public sealed record StreamReport
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; null where it has no name.</summary>
    public string? Name { get; init; }

    /// <summary>Its source, without secrets.</summary>
    public string Url { get; init; } = "";

    /// <summary><c>finite</c> or <c>live</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary><c>starting</c>, <c>running</c>, <c>backoff</c>, <c>standby</c>, <c>paused</c>, <c>ended</c> or <c>failed</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Why it is not running; null while it is.</summary>
    public string? Error { get; init; }

    /// <summary>Whether a person paused it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary><c>configured</c> or <c>api</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The present epoch; null before the first chunk.</summary>
    public string? Epoch { get; init; }

    /// <summary>Frames a second of the last chunk; null before the first.</summary>
    public double? Fps { get; init; }

    /// <summary>Bits a second of the last chunk; null before the first.</summary>
    public double? Bitrate { get; init; }

    /// <summary>Chunks that lie ready in the spool.</summary>
    public int Spooled { get; init; }

    /// <summary>Chunks that no retry can mend.</summary>
    public int Dead { get; init; }

    /// <summary>Chunks that were declared lost since the process started.</summary>
    public int Lost { get; init; }

    /// <summary>Whether reading stands still until the spool has room.</summary>
    public bool Paused { get; init; }

    /// <summary>Where all chunks are that the spool ever took; null before that is known.</summary>
    public Law? Law { get; init; }

    /// <summary>The clock of the last chunk; null before the first.</summary>
    public Clock? Clock { get; init; }

    /// <summary>The last error, also when it is over.</summary>
    public LastError? LastError { get; init; }

    /// <summary>The newest gaps, oldest first.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];

    /// <summary>The last chunk; null before the first.</summary>
    public LastChunk? LastChunk { get; init; }

    /// <summary>What to show as its name.</summary>
    [JsonIgnore]
    public string Title => string.IsNullOrWhiteSpace(Name) ? Id : Name;
}

/// <summary>The conservation law of a stream: captured = stored + spooled + dead + lost, in chunks.</summary>
public sealed record Law(long Captured, long Stored, long Spooled, long Dead, long Lost, long Balance);

/// <summary>Where times come from: <c>rtcp</c>, <c>arrival</c> or <c>file</c>; milliseconds; parts per million.</summary>
public sealed record Clock(string Source, double? UncertaintyMs, double? DriftPpm);

/// <summary>An error and when it was seen, UTC.</summary>
public sealed record LastError(DateTimeOffset At, string Error);

/// <summary>Time without video, UTC.</summary>
public sealed record Gap(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>A chunk's id and its time, UTC.</summary>
public sealed record LastChunk(string Id, DateTimeOffset From, DateTimeOffset To);

/// <summary>A chunk that changed its state: <c>queued</c>, <c>stored</c>, <c>dead</c> or <c>lost</c>.</summary>
public sealed record ChunkEvent(string Chunk, string Stream, DateTimeOffset From, DateTimeOffset To, string State);

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last.</param>
/// <param name="Total">How many there are in all; null where nobody counts.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, int? Total = null);

/// <summary>How stream-handle's JSON is read and written.</summary>
public static class RecorderJson
{
    /// <summary>camelCase; nulls left out.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
