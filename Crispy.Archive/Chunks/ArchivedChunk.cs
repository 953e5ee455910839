using System.Text.Json;
using Crispy.Contracts;

namespace Crispy.Archive;

/// <summary>Where a chunk is, as the archive sees it.</summary>
public enum ArchiveState
{
    /// <summary>In the bucket.</summary>
    Stored,

    /// <summary>In a spool, on its way to the bucket.</summary>
    Spooled,

    /// <summary>In a spool; no retry can store it.</summary>
    Dead,

    /// <summary>Declared lost by a signed record in the bucket.</summary>
    Lost,
}

/// <summary>One chunk, stored, waiting or lost. What only a manifest tells is null where there is none to be read here.</summary>
public sealed record ArchivedChunk
{
    /// <summary>The chunk's id (<see cref="ChunkId"/>).</summary>
    public required string Chunk { get; init; }

    /// <summary>The stream's id.</summary>
    public required string Stream { get; init; }

    /// <summary>The epoch's name.</summary>
    public required string Epoch { get; init; }

    /// <summary>Its number in the stream.</summary>
    public required long Sequence { get; init; }

    /// <summary>The object that holds it, or will; of a lost chunk the object of its loss record.</summary>
    public required string? Object { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>By presentation timestamps; in JSON seconds.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Number of video frames.</summary>
    public long? Frames { get; init; }

    /// <summary>Average frames per second.</summary>
    public double? Fps { get; init; }

    /// <summary>Pixels of a row.</summary>
    public int? Width { get; init; }

    /// <summary>Rows of a picture.</summary>
    public int? Height { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 90, 180 or 270; null for 0.</summary>
    public int? Rotation { get; init; }

    /// <summary>Width to height of a pixel, as in <c>12:11</c>; null where it is square or not known.</summary>
    public string? Sar { get; init; }

    /// <summary>The video codec as ffmpeg names it.</summary>
    public string? Codec { get; init; }

    /// <summary><c>mkv</c>, <c>mp4</c> or <c>ts</c>.</summary>
    public string? Container { get; init; }

    /// <summary>Size of the file, in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Where it is.</summary>
    public required ArchiveState State { get; init; }

    /// <summary>Why it is lost (<see cref="LossReason"/>); null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it is held: kept at any age.</summary>
    public bool Held { get; init; }

    /// <summary>What was noted when it was held; null without a note.</summary>
    public string? HoldNote { get; init; }

    /// <summary>Whether a known key signed its manifest, or its loss record, and the object is the one that was signed for.
    /// Null for what is not in the bucket.</summary>
    public SignatureState? Signature { get; init; }

    /// <summary>Where its times come from; null without a manifest.</summary>
    public ChunkClock? Clock { get; init; }

    /// <summary>What is special about it (<see cref="ChunkFlag"/>).</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}

/// <summary>All that is known of one chunk.</summary>
public sealed record ChunkDetail
{
    /// <summary>What a list tells of it too.</summary>
    public required ArchivedChunk Chunk { get; init; }

    /// <summary>The manifest as it was signed, or the loss record of a lost chunk. Null for what is not in the bucket, and where it is no
    /// JSON.</summary>
    public JsonElement? Manifest { get; init; }

    /// <summary>The states that it went through, oldest first, as far as Redis remembers; null where Redis could not be asked.</summary>
    public IReadOnlyList<StateEntry>? History { get; init; }

    /// <summary>The object's generation; null for what is not in the bucket.</summary>
    public long? Generation { get; init; }

    /// <summary>How often its upload was begun, as far as Redis remembers.</summary>
    public long? Attempts { get; init; }

    /// <summary>W3C trace context of its upload, else of its capture.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Address of its trace in a dashboard; null where none is configured.</summary>
    public string? TraceUrl { get; init; }
}

/// <summary>A state that a chunk entered.</summary>
/// <param name="State"><c>queued</c>, <c>uploading</c>, <c>retrying</c>, <c>stored</c>, <c>dead</c> or <c>lost</c>.</param>
/// <param name="At">When it last did, UTC.</param>
/// <param name="Error">The last error, on the state that it led to.</param>
public sealed record StateEntry(string State, DateTimeOffset At, string? Error);

/// <summary>A URL that needs no credentials.</summary>
/// <param name="Url">The URL.</param>
/// <param name="Expires">Until when it is good, UTC.</param>
public sealed record SignedUrl(string Url, DateTimeOffset Expires);

/// <summary>Which chunks are asked for.</summary>
public sealed record ChunkQuery
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Only this stream; every one where null.</summary>
    public string? Stream { get; init; }

    /// <summary>Chunks that end after it, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Chunks that begin before it, UTC.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Only chunks in this state; all where null.</summary>
    public ArchiveState? State { get; init; }

    /// <summary>Most chunks of the page, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The page before's <see cref="ChunkPage.Next"/>; null for the first.</summary>
    public string? After { get; init; }
}

/// <summary>Chunks by stream, then by time.</summary>
/// <param name="Items">The chunks.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
/// <param name="Spool">Whether the spools were asked.</param>
public sealed record ChunkPage(IReadOnlyList<ArchivedChunk> Items, string? Next, SpoolAnswer Spool);

/// <summary>What became of asking stream-handle for what is not in the bucket yet.</summary>
public enum SpoolAnswer
{
    /// <summary>It answered.</summary>
    Known,

    /// <summary>It did not answer, or nobody said where it is: what waits in the spools is not part of the answer.</summary>
    Away,
}
