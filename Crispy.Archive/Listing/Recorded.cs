using Crispy.Contracts;

namespace Crispy.Archive.Listing;

/// <summary>What is remembered of a chunk or a loss: enough for timelines, ledgers and playlists, some 150 bytes.
/// Strings are shared between neighbours.</summary>
internal readonly record struct Recorded
{
    /// <summary>A window is up to an hour, and its last GOP may be a little longer.</summary>
    public static readonly TimeSpan LongestChunk = TimeSpan.FromMinutes(65);

    /// <summary>The order of time; of what begins at once, that of the numbers.</summary>
    public static readonly Comparison<Recorded> ByTime = (left, right) => left.From != right.From
        ? left.From.CompareTo(right.From)
        : left.Sequence.CompareTo(right.Sequence);

    private readonly long _arrivedTicks;

    public required ArchiveState State { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required long Sequence { get; init; }

    /// <summary>The epoch's name; empty where no manifest tells.</summary>
    public required string Epoch { get; init; }

    /// <summary>The spool whose chain it belongs to, where several share the streams.</summary>
    public string? Spool { get; init; }

    /// <summary>Why it is lost.</summary>
    public string? Reason { get; init; }

    /// <summary>Media time; null without a manifest.</summary>
    public TimeSpan? Duration { get; init; }

    public string? Clock { get; init; }

    /// <summary>Whether its times are those at which it was recorded, and not a file's own.</summary>
    public bool IsLive => Clock is ChunkClock.Rtcp or ChunkClock.Arrival;

    /// <summary>Container, codec and picture; null without a manifest.</summary>
    public VideoShape? Shape { get; init; }

    public long Size { get; init; }

    public long Generation { get; init; }

    /// <summary>When the bucket had it, by the bucket's clock; null while it has not.</summary>
    public DateTimeOffset? Arrived
    {
        get => _arrivedTicks == 0 ? null : new(_arrivedTicks, TimeSpan.Zero);
        init => _arrivedTicks = value?.UtcTicks ?? 0;
    }

    /// <summary>The first 8 bytes of the hash that the next link of the chain holds, and of the one that it holds itself. They are enough
    /// to see whether links fit. 0 where there is none.</summary>
    public ulong Hash { get; init; }

    /// <inheritdoc cref="Hash" />
    public ulong Previous { get; init; }

    /// <summary>Whether it waits at a stream-handle that gives it out: it can be played before the bucket has it.</summary>
    public bool IsAtHand { get; init; }

    /// <summary>Whether the chunk does not begin with a keyframe.</summary>
    public bool NoLeadingKeyframe { get; init; }

    /// <summary>By how many seconds the source's clock was stepped just before it; negative where it was set back,
    /// 0 where it was not.</summary>
    public float ClockStep { get; init; }

    /// <summary>Whether somebody keeps it beyond its retention.</summary>
    public bool Held { get; init; }

    /// <summary>Where it lies in the bucket, or will; of a loss its record.</summary>
    public string ObjectName(string stream) => State == ArchiveState.Lost
        ? new LossObjectName(stream, From, Sequence).ToString()
        : new ObjectName(stream, From, Sequence, Shape?.Container ?? ChunkContainer.Matroska).ToString();

    /// <summary>Whether any of it lies between two instants.</summary>
    public bool Overlaps(DateTimeOffset from, DateTimeOffset to) => From < to && (To > from || (To == From && From >= from));
}

/// <summary>What neighbouring chunks have in common.</summary>
/// <param name="Container">Its extension.</param>
/// <param name="Codec">As ffmpeg names it.</param>
/// <param name="Width">Pixels of a row, as coded.</param>
/// <param name="Height">Rows, as coded.</param>
/// <param name="Rotation">By how many degrees the picture is turned clockwise to be shown.</param>
/// <param name="Sar">Width to height of a pixel, as in <c>12:11</c>; null where it is square or not known.</param>
internal sealed record VideoShape(string Container, string Codec, int Width, int Height, int Rotation = 0, string? Sar = null);
