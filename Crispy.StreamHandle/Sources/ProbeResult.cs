using System.Text.Json.Serialization;

namespace Crispy.StreamHandle.Sources;

/// <summary>What ffprobe prints of a source.</summary>
internal sealed record ProbeResult(List<ProbeStream>? Streams, ProbeFormat? Format, List<ProbeProgram>? Programs)
{
    /// <summary>The first packet of a source behind a script; null where it was not asked for.</summary>
    public List<ProbePacket>? Packets { get; init; }
}

/// <summary>A packet.</summary>
internal sealed record ProbePacket([property: JsonPropertyName("tags")] ProbePacketTags? Tags);

/// <summary>What the reader of a script says beside a packet.</summary>
/// <param name="Microseconds">Length of the source, as text; null where its container does not tell it.</param>
internal sealed record ProbePacketTags([property: JsonPropertyName("lavf.concatdec.duration")] string? Microseconds);

/// <summary>Tracks that belong together: a variant of an HLS source, a channel of a transport stream.</summary>
internal sealed record ProbeProgram(List<ProbeStream>? Streams);

/// <summary>A track.</summary>
internal sealed record ProbeStream(
    [property: JsonPropertyName("codec_type")] string? CodecType,
    [property: JsonPropertyName("codec_name")] string? CodecName,
    [property: JsonPropertyName("disposition")] ProbeDisposition? Disposition)
{
    public int Index { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    [JsonPropertyName("pix_fmt")]
    public string? PixelFormat { get; init; }

    /// <summary>A fraction, as in <c>30000/1001</c>; <c>0/0</c> where it is not known.</summary>
    [JsonPropertyName("avg_frame_rate")]
    public string? FrameRate { get; init; }

    /// <summary>The unit of the track's times in seconds, as a fraction.</summary>
    [JsonPropertyName("time_base")]
    public string? TimeBase { get; init; }

    /// <summary>A fraction, as in <c>12:11</c>.</summary>
    [JsonPropertyName("sample_aspect_ratio")]
    public string? SampleAspect { get; init; }

    [JsonPropertyName("field_order")]
    public string? FieldOrder { get; init; }

    /// <summary>Seconds, as text.</summary>
    [JsonPropertyName("start_time")]
    public string? StartTime { get; init; }

    /// <summary>Seconds, as text.</summary>
    public string? Duration { get; init; }

    /// <summary>Bits a second, as text.</summary>
    [JsonPropertyName("bit_rate")]
    public string? BitRate { get; init; }

    /// <summary>Hertz, as text.</summary>
    [JsonPropertyName("sample_rate")]
    public string? SampleRate { get; init; }

    public int? Channels { get; init; }

    public ProbeTrackTags? Tags { get; init; }

    [JsonPropertyName("side_data_list")]
    public List<ProbeSideData>? SideData { get; init; }

    /// <summary>By how many degrees the picture is turned clockwise to be shown, to the next quarter.
    /// ffprobe counts the other way round, from -180 to 180.</summary>
    public int Rotation => SideData?.Select(data => data.Rotation).FirstOrDefault(turn => turn is not null) is { } turn
        ? (int)(Math.Round(-turn / 90) * 90 % 360 + 360) % 360
        : 0;
}

/// <summary>A track's side data; of it only the display matrix has a rotation.</summary>
internal sealed record ProbeSideData([property: JsonPropertyName("rotation")] double? Rotation);

internal sealed record ProbeDisposition([property: JsonPropertyName("attached_pic")] int AttachedPic,
    [property: JsonPropertyName("default")] int Default);

/// <summary>A track's tags. Muxers write some in capitals.</summary>
internal sealed record ProbeTrackTags(
    [property: JsonPropertyName("language")] string? Language,
    [property: JsonPropertyName("comment")] string? Comment,
    [property: JsonPropertyName("variant_bitrate")] string? VariantBitrate,
    [property: JsonPropertyName("DURATION")] string? Duration);

internal sealed record ProbeFormat(
    [property: JsonPropertyName("format_name")] string? Name,
    [property: JsonPropertyName("duration")] string? Duration,
    [property: JsonPropertyName("tags")] ProbeTags? Tags)
{
    /// <summary>Seconds, as text: the first time of any track.</summary>
    [JsonPropertyName("start_time")]
    public string? StartTime { get; init; }
}

internal sealed record ProbeTags([property: JsonPropertyName("creation_time")] string? CreationTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProbeResult))]
internal sealed partial class ProbeJson : JsonSerializerContext;
