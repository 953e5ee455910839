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

    /// <summary>Reads what a frame says of itself; null of a codec that says it elsewhere, and of frames that do not say it.</summary>
    public static SequenceParameters? FromFrame(string codec, ReadOnlySpan<byte> frame) => codec switch
    {
        "mjpeg" => Jpeg.FromPicture(frame),
        "vp8" => Vpx.FromVp8(frame),
        "vp9" => Vpx.FromVp9(frame),
        "mpeg4" => Mpeg4Video.FromObjectLayer(frame),
        "mpeg2video" or "mpeg1video" => MpegVideo.FromSequence(frame),
        _ => null,
    };

    /// <summary>Whether the codec's frames may say what they are like.</summary>
    public static bool MayDescribeItselfInFrames(string codec) => codec is "mjpeg" or "vp8" or "vp9" or "mpeg4" or "mpeg2video" or "mpeg1video";

    /// <summary>Bits of a sample and the chroma format of codecs whose configuration says no more than that; null what is not
    /// said.</summary>
    public static (int? Depth, string? Chroma) SamplesOf(string codec, ReadOnlySpan<byte> configuration) => codec switch
    {
        "av1" => Av1.SamplesOf(configuration),
        "vp9" => Vpx.SamplesOf(configuration),
        "vp8" => (8, "4:2:0"),
        _ => default,
    };

    /// <summary>Whether the codec says only in its frames what they are like.</summary>
    public static bool DescribesItselfInFrames(string codec) => codec == "mjpeg";
}
