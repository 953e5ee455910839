using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>A codec whose configuration goes through as it is, and whose keyframes need nothing before them. These are VP8, VP9, Motion
/// JPEG and all that is not known closer.</summary>
internal sealed class FrameBitstream(string codec) : VideoBitstream
{
    private byte[] _configuration = [];
    private SequenceParameters? _parameters;

    /// <inheritdoc />
    public override byte[] Configuration => _configuration;

    /// <inheritdoc />
    public override bool TakeExtradata(ReadOnlySpan<byte> extradata)
    {
        if (extradata.IsEmpty || extradata.SequenceEqual(_configuration)) return false;
        _configuration = extradata.ToArray();
        return true;
    }

    /// <inheritdoc />
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe)
    {
        var before = _parameters;
        if (isKeyframe) _parameters = VideoCodec.FromFrame(codec, packet) ?? _parameters;
        return new() { Access = isKeyframe ? RandomAccess.Clean : RandomAccess.None,
            HasNewParameters = before is not null && before != _parameters };
    }
}
