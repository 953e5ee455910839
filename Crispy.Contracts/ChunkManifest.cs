using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crispy.Contracts;

/// <summary>Everything that is known of a chunk, written once by stream-handle and never changed: the signature covers its exact bytes
/// (<see cref="ManifestJson"/>).</summary>
public sealed record ChunkManifest
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const string CurrentSchema = "crispy.chunk/1";

    /// <summary>Name and version of this format.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The chunk's id (<see cref="ChunkId"/>).</summary>
    public required string Chunk { get; init; }

    /// <summary>The stream's id.</summary>
    public required string Stream { get; init; }

    /// <summary>The epoch's name.</summary>
    public required string Epoch { get; init; }

    /// <summary>Counts the chunks of a stream from 0, through all its epochs.</summary>
    public required long Sequence { get; init; }

    /// <summary>The object's name in the bucket (<see cref="ObjectName"/>).</summary>
    public required string Object { get; init; }

    /// <summary>UTC time of the first frame, to the microsecond.</summary>
    [JsonConverter(typeof(MicrosecondInstantConverter))]
    public required DateTimeOffset From { get; init; }

    /// <summary>UTC time at which the last frame ends, to the microsecond, which is where the next chunk begins if it follows on.
    /// For a file it is
    /// <see cref="From"/> plus <see cref="Duration"/>; for a camera it differs by what its clock was off against ours.</summary>
    [JsonConverter(typeof(MicrosecondInstantConverter))]
    public required DateTimeOffset To { get; init; }

    /// <summary>By presentation timestamps, the last frame's own duration included; in JSON seconds, to the microsecond.</summary>
    [JsonConverter(typeof(SecondsConverter))]
    public required TimeSpan Duration { get; init; }

    /// <summary>Number of video frames.</summary>
    public required long Frames { get; init; }

    /// <summary>Number of video keyframes among them.</summary>
    public required long Keyframes { get; init; }

    /// <summary>Average frames per second, rounded to a thousandth.</summary>
    public required double Fps { get; init; }

    /// <summary>Pixels of a row.</summary>
    public required int Width { get; init; }

    /// <summary>Rows of a picture.</summary>
    public required int Height { get; init; }

    /// <summary>1 for grey, 3 for colour.</summary>
    public required int Channels { get; init; }

    /// <summary>The video codec as ffmpeg names it: <c>h264</c>, <c>hevc</c>, <c>mjpeg</c>.</summary>
    public required string Codec { get; init; }

    /// <summary>The container's extension (<see cref="ChunkContainer"/>).</summary>
    public required string Container { get; init; }

    /// <summary>Size of the file, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>CRC32C of the file as Cloud Storage writes it: base64 of the four bytes in big-endian order.</summary>
    public required string Crc32c { get; init; }

    /// <summary>Where <see cref="From"/> comes from and how well it is known.</summary>
    public required ChunkClock Clock { get; init; }

    /// <summary>What is special about the chunk (<see cref="ChunkFlag"/>).</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Whether frames do not follow each other at one distance, so that <see cref="Fps"/> is an average;
    /// null where they do.</summary>
    public bool? Variable { get; init; }

    /// <summary>Bits of a sample of a plane; null where it is not known.</summary>
    public int? BitDepth { get; init; }

    /// <summary>How colour is sampled: <c>4:0:0</c>, <c>4:2:0</c>, <c>4:2:2</c>, <c>4:4:4</c>; null where it is not known.</summary>
    public string? Chroma { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown: 90, 180 or 270; null for 0.</summary>
    public int? Rotation { get; init; }

    /// <summary>Width to height of a pixel, as in <c>12:11</c>; null where it is square or not known.</summary>
    public string? Sar { get; init; }

    /// <summary><c>tt</c>, <c>bb</c>, <c>tb</c> or <c>bt</c> for interlaced pictures, as ffprobe names them; null for progressive ones,
    /// and where it is not known.</summary>
    public string? FieldOrder { get; init; }

    /// <summary>Frames shown before the first keyframe that cannot be decoded without the chunk before (open GOP); null for none.</summary>
    public int? LeadingPictures { get; init; }

    /// <summary>Frames from the first one on until they are whole (intra refresh); null for none.</summary>
    public int? RecoveryPictures { get; init; }

    /// <summary>What an edit list of the source hides in front of <see cref="From"/>; null for nothing.</summary>
    public HiddenPictures? Hidden { get; init; }

    /// <summary>Where the source has no picture: pairs of seconds, from <see cref="From"/> to the frame before the hole, and from that to
    /// the next. Null for none.</summary>
    public IReadOnlyList<IReadOnlyList<decimal>>? Holes { get; init; }

    /// <summary>Where the times of frames come from if not from the source:
    /// <c>declared</c> (a rate for all frames) or <c>arrival</c>.</summary>
    public string? Times { get; init; }

    /// <summary>Frames that the source gives no time: they stand between their neighbours,
    /// or one distance before the first that has one. Null for none.</summary>
    public int? UntimedPictures { get; init; }

    /// <summary>Whether the source does not say when the last frame ends: it was given the usual distance of two frames.
    /// Null where it does.</summary>
    public bool? UnknownEnd { get; init; }

    /// <summary>Packets of sound that came when the chunk of their time was complete, and are in none; null for none.</summary>
    public int? LateSound { get; init; }

    /// <summary>What lies between this chunk and the one before it in the same run; null where it follows on.</summary>
    public ChunkSeam? Seam { get; init; }

    /// <summary>What does not agree, with its numbers, in a chunk flagged <see cref="ChunkFlag.Damaged"/>; null where all does.</summary>
    public string? Contradiction { get; init; }

    /// <summary>SHA-256 of the bytes of the stream's previous manifest, lower-case hexadecimal; null for the first.</summary>
    public string? Previous { get; init; }

    /// <summary>The lease under which it was recorded; null where one stream-handle has all streams to itself.</summary>
    public ChunkLease? Lease { get; init; }

    /// <summary>W3C trace context of the chunk's capture, so that every later step joins its trace.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Fields that a later writer of this schema added: kept, and otherwise ignored.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Where a chunk's wall-clock times come from.</summary>
/// <param name="Source"><c>rtcp</c> (the camera's sender reports), <c>arrival</c> (our clock when frames arrived) or <c>file</c>.</param>
/// <param name="UncertaintyMs">How far the times may be off, in milliseconds; null where nothing bounds it.</param>
/// <param name="DriftPpm">The camera's clock against ours, in parts per million; null where it has not been measured.</param>
public sealed record ChunkClock(string Source, double? UncertaintyMs = null, double? DriftPpm = null)
{
    /// <summary>The camera's RTCP sender reports.</summary>
    public const string Rtcp = "rtcp";

    /// <summary>Our clock when the frames arrived.</summary>
    public const string Arrival = "arrival";

    /// <summary>A file's creation time, a configured start, or the time when reading began.</summary>
    public const string File = "file";
}

/// <summary>What is in a chunk's file in front of its first frame that is shown.</summary>
/// <param name="Pictures">Frames.</param>
/// <param name="Seconds">How long they last.</param>
public sealed record HiddenPictures(int Pictures, decimal Seconds);

/// <summary>What lies between two chunks of one run that do not follow each other.</summary>
/// <param name="Kind"><c>clockSetBack</c>, <c>clockSetForward</c> (the source's clock stepped), <c>hole</c> (it has no picture for a time)
/// or <c>parameters</c> (the codec's changed).</param>
/// <param name="Seconds">From the end of the one before to the start of this one, on the source's own clock.</param>
public sealed record ChunkSeam(string Kind, decimal Seconds)
{
    /// <summary>The source's clock stepped back.</summary>
    public const string ClockSetBack = "clockSetBack";

    /// <summary>The source's clock stepped forward.</summary>
    public const string ClockSetForward = "clockSetForward";
}

/// <summary>The values of a manifest's <c>flags</c>.</summary>
public static class ChunkFlag
{
    /// <summary>Longer than twice its window because no keyframe came.</summary>
    public const string Oversize = "oversize";

    /// <summary>Does not begin with a keyframe.</summary>
    public const string NoLeadingKeyframe = "noLeadingKeyframe";

    /// <summary>Begins with a keyframe that is no clean one (open GOP). Frames shown before it need the chunk before
    /// (<see cref="ChunkManifest.LeadingPictures"/>), and decoders may complain of what is not there.</summary>
    public const string OpenGop = "openGop";

    /// <summary>Its first frames are not whole (intra refresh): <see cref="ChunkManifest.RecoveryPictures"/>.</summary>
    public const string IntraRefresh = "intraRefresh";

    /// <summary>The source does not say when some of its frames are shown: <see cref="ChunkManifest.Times"/>,
    /// or they were placed between the others.</summary>
    public const string UnknownTimes = "unknownTimes";

    /// <summary>Data is missing or corrupt.</summary>
    public const string Damaged = "damaged";

    /// <summary>Does not follow on from the chunk before it.</summary>
    public const string Discontinuity = "discontinuity";

    /// <summary>The last one before its source ended or its stream-handle stopped.</summary>
    public const string Final = "final";
}
