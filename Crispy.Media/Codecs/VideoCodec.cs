namespace Crispy.Media.Codecs;

/// <summary>Reads a codec's configuration, whatever container holds it.</summary>
internal static class VideoCodec
{
    /// <summary>Reads what the container stores beside the frames: <c>avcC</c>, <c>hvcC</c>, <c>av1C</c> or sequence headers.</summary>
    public static SequenceParameters? FromConfiguration(string codec, ReadOnlySpan<byte> configuration) => codec switch
    {
        "h264" => H264.FromConfiguration(configuration),
        "hevc" => Hevc.FromConfiguration(configuration),
        "mpeg4" => Mpeg4Video.FromObjectLayer(configuration),
        "mpeg2video" or "mpeg1video" => MpegVideo.FromSequence(configuration),
        _ => null,
    };

    /// <summary>Whether an <c>av1C</c> record (AV1 codec ISO media file format binding, 2.3.3) says monochrome.</summary>
    public static bool IsMonochromeAv1(ReadOnlySpan<byte> record) => record.Length >= 3 && (record[2] & 0x10) != 0;

    /// <summary>Whether the codec says only in its frames what they are like.</summary>
    public static bool DescribesItselfInFrames(string codec) => codec == "mjpeg";
}
