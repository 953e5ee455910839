namespace Crispy.Contracts.Api;

/// <summary>What a stream is, as the API takes and shows it: the keys of <c>Crispy:Streams:N</c> in camelCase. What is absent has its
/// default. Durations are seconds; on input they may also be text as in the configuration (<c>00:00:10</c>).</summary>
public sealed record StreamDefinition
{
    /// <summary>1 to 63 characters of a-z, 0-9 and single inner hyphens; for good.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it: 1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The group in which people look for it, such as <c>Building A/Gate</c>: 1 to 100 characters, at most 5 levels.</summary>
    public string? Group { get; init; }

    /// <summary>Short words by which people find it: at most 16, of 1 to 32 letters, digits, dots, hyphens and underscores.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>An rtsp:, rtsps:, http:, https:, file: or demo: URL or the path of a file. 2048 bytes at most. Shown with <c>***</c> for
    /// every part of a network address that may be a secret. Sent back like that, or left out of a change, it stays as it is.</summary>
    public string? Url { get; init; }

    /// <summary>Length of a chunk in seconds, 0.1 to 3600; default 3.</summary>
    public double? Window { get; init; }

    /// <summary><c>copy</c> (default) or <c>transcode</c>, which is the default, and the only one, of a demo: URL.</summary>
    public string? Mode { get; init; }

    /// <summary><c>mkv</c> (default), <c>mp4</c> or <c>ts</c>.</summary>
    public string? Container { get; init; }

    /// <summary><c>keep</c> (default), <c>drop</c> or <c>aac</c>.</summary>
    public string? Audio { get; init; }

    /// <summary>Which variant of an HLS or DASH source: its picture as WIDTHxHEIGHT, or the best one of at most so many bits a second.
    /// Default the best.</summary>
    public string? Variant { get; init; }

    /// <summary>Which audio track: its number, from 0, or its language; default the one marked as default, else the first.</summary>
    public string? AudioTrack { get; init; }

    /// <summary>Keeps one frame of so many, 1 to 1000; more than 1 needs mode transcode.</summary>
    public int? EveryNthFrame { get; init; }

    /// <summary>WIDTH:HEIGHT, where one may be -1 or -2; needs mode transcode.</summary>
    public string? Scale { get; init; }

    /// <summary>ffmpeg's encoder; needs mode transcode.</summary>
    public string? Codec { get; init; }

    /// <summary>Constant rate factor of the encoder, 0 to 51; needs mode transcode.</summary>
    public int? Crf { get; init; }

    /// <summary>Whether a file is read at the speed at which it plays.</summary>
    public bool? Realtime { get; init; }

    /// <summary>Whether a file that was read to its end is recorded once more at the next start; default true.</summary>
    public bool? RereadCompleted { get; init; }

    /// <summary><c>tcp</c> (default) or <c>udp</c>.</summary>
    public string? RtspTransport { get; init; }

    /// <summary>UTC time of a file's first frame.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>What a live stream does when the spool is full: <c>dropOldest</c> (default), <c>dropNewest</c> or <c>stop</c>.</summary>
    public string? OnFull { get; init; }

    /// <summary>Part of the spool's budget that the stream has to itself, over 0 to 1.</summary>
    public double? SpoolShare { get; init; }

    /// <summary>Days for which its video is kept, 1 to 36500, or <c>forever</c>; default <c>Crispy:Retention:Days</c>.</summary>
    public string? RetentionDays { get; init; }

    /// <summary>Whether it is cut at the window even where no keyframe is; needs mode copy.</summary>
    public bool? HardCut { get; init; }

    /// <summary>Seconds without a keyframe after which a live source is opened again, 1 to 3600; default 60.</summary>
    public double? KeyframeTimeout { get; init; }

    /// <summary>Seconds without data after which a live source is taken for stalled, 1 to 3600; default 10.</summary>
    public double? StallTimeout { get; init; }

    /// <inheritdoc />
    public override string ToString() => $"{nameof(StreamDefinition)} {Id}"; // Never the address.
}
