namespace Crispy.Media.Codecs;

/// <summary>Reads a codec's configuration, no matter which container holds it.</summary>
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

    /// <summary>Whether a configuration holds a sequence header, readable or not.</summary>
    public static bool HasSequence(string codec, ReadOnlySpan<byte> configuration) => codec switch
    {
        "h264" => H264.HasSequence(configuration),
        "hevc" => Hevc.HasSequence(configuration),
        _ => HasFrameHeader(codec, configuration),
    };

    /// <summary>Whether a frame holds the header that says what it is like, readable or not.</summary>
    public static bool HasFrameHeader(string codec, ReadOnlySpan<byte> frame) => codec switch
    {
        "mjpeg" => Jpeg.HasFrameHeader(frame),
        "vp8" => Vpx.IsVp8Key(frame),
        "mpeg4" => HasPart(frame, Mpeg4Video.IsLayer),
        "mpeg2video" or "mpeg1video" => HasPart(frame, code => code == MpegVideo.SequenceCode),
        _ => false,
    };

    private static bool HasPart(ReadOnlySpan<byte> bytes, Func<byte, bool> isWanted)
    {
        var parts = new StartCodes(bytes);
        while (parts.Next())
        {
            if (isWanted(parts.Code)) return true;
        }

        return false;
    }

    /// <summary>Whether pictures of the codec can have this size and depth.</summary>
    public static bool CanHave(string codec, int width, int height, int? depth)
    {
        // H.264 and HEVC: the square root of eight times the picture of the highest level (6.2, 7.2). Others: what their headers can say.
        var mostSide = codec switch
        {
            "h264" => 16_880,
            "hevc" => 33_776,
            "mpeg4" => 8191,
            "mpeg1video" => 4095,
            "mpeg2video" or "vp8" => 16_383,
            _ => 65_536,
        };
        var believed = codec switch
        {
            "h264" => depth is null or >= 8 and <= 14,
            "hevc" => depth is null or >= 8 and <= 16,
            "vp9" or "av1" => depth is null or 8 or 10 or 12,
            _ => depth is null or >= 1 and <= 16,
        };
        return believed && width > 0 && width <= mostSide && height > 0 && height <= mostSide;
    }

    /// <summary>Whether the codec's frames may say what they are like.</summary>
    public static bool MayDescribeItselfInFrames(string codec) =>
        codec is "mjpeg" or "vp8" or "vp9" or "mpeg4" or "mpeg2video" or "mpeg1video";

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
