using Crispy.Contracts;

namespace Crispy.Media;

/// <summary>All that one pass over a closed chunk tells. Times are presentation timestamps of the chunk's own clock.</summary>
public sealed record ChunkFacts
{
    /// <summary><c>mkv</c>, <c>mp4</c> or <c>ts</c>; null when it is none of them.</summary>
    public string? Container { get; init; }

    /// <summary>The first video track; null when the chunk declares none.</summary>
    public VideoFormat? Video { get; init; }

    /// <summary>The first audio track's codec as ffprobe names it; null without audio.</summary>
    public string? AudioCodec { get; init; }

    /// <summary>Whether the chunk declares an audio track.</summary>
    public bool HasAudio => AudioCodec is not null;

    /// <summary>Frames of the video track: packets, where several with one timestamp are slices of one frame.</summary>
    public long Frames { get; init; }

    /// <summary>Video packets from which decoding can start.</summary>
    public long Keyframes { get; init; }

    /// <summary>Whether the first video packet in the file is a keyframe.</summary>
    public bool StartsWithKeyframe { get; init; }

    /// <summary>The earliest presentation timestamp of the video. Not 0 in MPEG-TS, nor where audio begins first.</summary>
    public TimeSpan FirstPts { get; init; }

    /// <summary>
    /// The presentation timestamp of the video packet that is first in the file, normally the keyframe. Later than
    /// <see cref="FirstPts"/> when leading pictures of an open GOP are shown before it.
    /// </summary>
    public TimeSpan FirstPacketPts { get; init; }

    /// <summary>From the first frame's timestamp to the end of the last one: its own duration is included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When the last frame's own duration is over.</summary>
    public TimeSpan EndPts => FirstPts + Duration;

    /// <summary>Frames a second on average; 0 when the duration is not known.</summary>
    public double Fps => Duration > TimeSpan.Zero ? Frames / Duration.TotalSeconds : 0;

    /// <summary>The file's size in bytes.</summary>
    public long Size { get; init; }

    /// <summary>SHA-256 of all bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>CRC32C (Castagnoli, RFC 3720 appendix B.4) of all bytes.</summary>
    public uint Crc32c { get; init; }

    /// <summary>The CRC32C as Google Cloud Storage writes it: base64 of the four bytes, most significant first.</summary>
    public string Crc32cBase64 => Crc32C.ToBase64(Crc32c);

    /// <summary>What is wrong with the bytes.</summary>
    public Damage Damage { get; init; }

    /// <summary>Whether anything is wrong with the bytes.</summary>
    public bool IsDamaged => Damage != Damage.None;
}
