namespace Crispy.Muxing.Bitstreams;

/// <summary>A codec whose configuration goes through as it is, and whose keyframes need nothing before them.</summary>
internal sealed class PlainBitstream : VideoBitstream
{
    private byte[] _configuration = [];

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
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe) => new() { Access = isKeyframe ? RandomAccess.Clean : RandomAccess.None };
}
