namespace Crispy.Muxing.Bitstreams;

/// <summary>The video of one source, packet by packet in decoding order. It tells what each packet's bytes say of its picture, and the
/// configuration that goes with it. Any bytes are safe: nothing is thrown. For one thread.</summary>
public abstract class VideoBitstream
{
    /// <summary>Begins with what the demuxer knows.</summary>
    /// <param name="codec">As ffmpeg names it.</param>
    /// <param name="extradata">As ffmpeg has it: a record (<c>avcC</c>, <c>hvcC</c>), parameter sets behind start codes, or
    /// nothing.</param>
    public static VideoBitstream Of(string codec, ReadOnlySpan<byte> extradata)
    {
        VideoBitstream bitstream = codec switch
        {
            "h264" => new H264Bitstream(),
            "hevc" => new HevcBitstream(),
            "mpeg2video" or "mpeg1video" => new MpegBitstream(),
            "mpeg4" => new Mpeg4Bitstream(),
            "av1" => new Av1Bitstream(),
            _ => new FrameBitstream(codec),
        };
        bitstream.TakeExtradata(extradata);
        return bitstream;
    }

    /// <summary>The configuration for the header of a chunk that begins with the packet looked at last. For H.264 and HEVC it is a record
    /// whose lengths have four bytes, else what the demuxer gave. Empty where nothing is known. Not to be changed.</summary>
    public abstract byte[] Configuration { get; }

    /// <summary>How long a frame lasts by the parameters in force, in seconds; 0 where they do not say.</summary>
    public virtual double FrameSeconds => 0;

    /// <summary>Takes new extradata that comes with the next packet. True where its content differs from what is in force; sending the
    /// same again is no change.</summary>
    public abstract bool TakeExtradata(ReadOnlySpan<byte> extradata);

    /// <summary>Looks at the next packet, once, before <see cref="Configuration"/> is asked for a chunk that begins with it.</summary>
    /// <param name="packet">As the demuxer gave it.</param>
    /// <param name="isKeyframe">What the demuxer says; where the bytes say it themselves, they are believed.</param>
    public abstract PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe);

    /// <summary>The packet as chunks hold it: for H.264 and HEVC NAL units behind lengths of four bytes, else as it is.</summary>
    /// <param name="packet">As the demuxer gave it.</param>
    /// <param name="buffer">Where the result may be built; made larger as needed.</param>
    /// <returns>The packet itself or a part of the buffer.</returns>
    public virtual ReadOnlySpan<byte> ToLengthPrefixed(ReadOnlySpan<byte> packet, ref byte[] buffer) => packet;
}
