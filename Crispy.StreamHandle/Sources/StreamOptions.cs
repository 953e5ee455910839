using Crispy.Contracts;

namespace Crispy.StreamHandle.Sources;

/// <summary>How a stream's video gets from its source into chunks.</summary>
public enum SegmentMode
{
    /// <summary>Packets are copied as they are; a chunk ends at the first keyframe at or after the window.</summary>
    Copy,

    /// <summary>Video is decoded and re-encoded, with a keyframe exactly at every window.</summary>
    Transcode,
}

/// <summary>What becomes of a source's audio.</summary>
public enum AudioPolicy
{
    /// <summary>Copied where the container can hold its codec, else encoded as AAC.</summary>
    Keep,

    /// <summary>Left out.</summary>
    Drop,

    /// <summary>Encoded as AAC.</summary>
    Aac,
}

/// <summary>The transport of RTP under RTSP.</summary>
public enum RtspTransport
{
    /// <summary>Interleaved in the RTSP connection: nothing is lost on the way.</summary>
    Tcp,

    /// <summary>Datagrams.</summary>
    Udp,
}

/// <summary>One stream, from <c>Crispy:Streams:N</c> or from the API.</summary>
public sealed record StreamOptions
{
    /// <summary>The stream's id (<see cref="Contracts.StreamId"/>).</summary>
    public required string Id { get; init; }

    /// <summary>What people call it: 1 to 100 characters; null where the id is name enough.</summary>
    public string? Name { get; init; }

    /// <summary>The group in which people look for it (<see cref="Contracts.StreamLabels"/>); null for none.</summary>
    public string? Group { get; init; }

    /// <summary>Words by which people find it; none twice.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Where the video comes from.</summary>
    public required SourceUrl Url { get; init; }

    /// <summary>Length of a chunk: 0.1 s to 1 h.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Copy or transcode; a demo is transcoded always.</summary>
    public SegmentMode Mode { get; init; }

    /// <summary>The chunks' container (<see cref="Contracts.ChunkContainer"/>).</summary>
    public string Container { get; init; } = Contracts.ChunkContainer.Matroska;

    /// <summary>What becomes of audio.</summary>
    public AudioPolicy Audio { get; init; }

    /// <summary>Which variant of an HLS or DASH source: its picture as <c>WIDTHxHEIGHT</c>, or the best one of at most so many bits a
    /// second. Null takes the best.</summary>
    public string? Variant { get; init; }

    /// <summary>Which audio track: its number, from 0, or its language (<c>en</c>). Null takes the one marked as default,
    /// else the first.</summary>
    public string? AudioTrack { get; init; }

    /// <summary>Keeps the first of every so many frames, at its true time: 1 to 1000.
    /// Needs <see cref="SegmentMode.Transcode"/> where greater than 1.</summary>
    public int EveryNthFrame { get; init; } = 1;

    /// <summary>Size of the picture as ffmpeg's scale filter reads it (<c>640:360</c>, <c>-2:720</c>); null leaves it.</summary>
    public string? Scale { get; init; }

    /// <summary>ffmpeg's encoder for <see cref="SegmentMode.Transcode"/>.</summary>
    public string Codec { get; init; } = "libx264";

    /// <summary>Constant rate factor of the encoder, 0 to 51; null for the encoder's own.</summary>
    public int? Crf { get; init; }

    /// <summary>Reads a finite source at the speed at which it plays, as a camera would send it.
    /// After a pause or a crash it goes on where it was, at that speed.</summary>
    public bool Realtime { get; init; }

    /// <summary>Whether a finite source that was read to its end is recorded once more, as new chunks, when stream-handle restarts; default
    /// true. One that was interrupted goes on where it was in any case.</summary>
    public bool RereadCompleted { get; init; } = true;

    /// <summary>RTP's transport.</summary>
    public RtspTransport RtspTransport { get; init; }

    /// <summary>UTC time of a finite source's first frame; null takes the container's creation time,
    /// else the time when reading began.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>What becomes of a live stream when the spool is full.</summary>
    public OnFull OnFull { get; init; }

    /// <summary>Part of the spool's budget that this stream has to itself, over 0 to 1: below it, it loses nothing for the sake of others.
    /// Null takes an equal part of what the others leave.</summary>
    public double? SpoolShare { get; init; }

    /// <summary>How long its video is kept; null for as long as all others'.</summary>
    public RetentionPeriod? Retention { get; init; }

    /// <summary>Cuts at the window even where no keyframe is: such chunks begin with <c>noLeadingKeyframe</c>. Needs
    /// <see cref="SegmentMode.Copy"/>.</summary>
    public bool HardCut { get; init; }

    /// <summary>A live source that sends no keyframe for this long after it was opened is reopened: 1 s to 1 h. What comes before one
    /// cannot be decoded and is discarded.</summary>
    public TimeSpan KeyframeTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A live source that sends nothing for this long, beyond its window, is taken for stalled: 1 s to 1 h.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The segment of a live playlist, from 0, with which reading begins; null takes three before its end.</summary>
    internal int? PlaylistStart { get; init; }

    /// <summary>Whether it is recorded in the same way as another one: what only people see of it may differ.</summary>
    public bool RecordsLike(StreamOptions other) => Essence(this) == Essence(other);

    /// <summary>Whether it is the same as another one in everything.</summary>
    public bool IsSame(StreamOptions other) => RecordsLike(other)
        && (Name, Group, SpoolShare, Retention) == (other.Name, other.Group, other.SpoolShare, other.Retention)
        && Tags.SequenceEqual(other.Tags, StringComparer.Ordinal);

    private static StreamOptions Essence(StreamOptions options) =>
        options with { Name = null, Group = null, Tags = [], SpoolShare = null, Retention = null, Definition = null, ConfiguredAt = null };

    /// <summary>As it was given: the keys that were, and no defaults. Holds the secrets of <see cref="Url"/>.</summary>
    internal StreamDefinition? Definition { get; init; }

    /// <summary>Where in the configuration it stands; null of one that the API made.</summary>
    internal ConfiguredAt? ConfiguredAt { get; init; }
}
