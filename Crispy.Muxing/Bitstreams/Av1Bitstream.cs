using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>AV1, whose record holds the sequence header that also stands before each keyframe.</summary>
internal sealed class Av1Bitstream : VideoBitstream
{
    private byte[] _configuration = [];
    private byte[] _header = [];
    private bool _hasBegun;

    /// <inheritdoc />
    public override byte[] Configuration => _configuration;

    /// <inheritdoc />
    public override bool TakeExtradata(ReadOnlySpan<byte> extradata)
    {
        var header = Av1.FindHeader(extradata);
        if (_configuration.Length == 0 && Av1.IsRecord(extradata)) _configuration = extradata.ToArray();
        if (header.IsEmpty || header.SequenceEqual(_header)) return false;
        _header = header.ToArray();
        _configuration = Av1.IsRecord(extradata) ? extradata.ToArray() : Av1.MakeRecord(header);
        return true;
    }

    /// <inheritdoc />
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe)
    {
        var hadNone = _header.Length == 0 && !_hasBegun;
        _hasBegun = true;
        var header = Av1.FindHeader(packet);
        var changed = !header.IsEmpty && !header.SequenceEqual(_header) && Av1.MakeRecord(header) is { Length: > 0 };
        if (changed)
        {
            _header = header.ToArray();
            _configuration = Av1.MakeRecord(header);
        }

        return new() { Access = isKeyframe ? RandomAccess.Clean : RandomAccess.None, HasNewParameters = changed && !hadNone };
    }
}
