using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>MPEG-1 and MPEG-2 video (ISO/IEC 13818-2).</summary>
internal sealed class MpegBitstream : VideoBitstream
{
    private const int Intra = 1;
    private const int Bidirectional = 3;
    private const int CodingExtension = 8;
    private const int WholeFrame = 3;
    private const int OrderLimit = 1024;

    private byte[] _configuration = [];
    private SequenceParameters? _parameters;
    private bool _isLowDelay;
    private bool _hasBegun;
    private bool _isBehindOpen;
    private long _order;
    private (int Structure, int Order) _firstField;

    /// <inheritdoc />
    public override byte[] Configuration => _configuration;

    /// <inheritdoc />
    public override bool TakeExtradata(ReadOnlySpan<byte> extradata)
    {
        if (extradata.IsEmpty || extradata.SequenceEqual(_configuration)) return false;
        var before = _parameters;
        TakeSequence(extradata);
        return before != _parameters;
    }

    /// <inheritdoc />
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe)
    {
        var before = _parameters;
        var hadNone = before is null && !_hasBegun;
        var header = -1;
        byte? group = null;
        Picture? picture = null;
        var pictures = 0;
        var parts = new StartCodes(packet);
        while (parts.Next())
        {
            var content = parts.Content;
            switch (parts.Code)
            {
                case MpegVideo.SequenceCode when picture is null:
                    header = parts.Start;
                    break;
                case MpegVideo.GroupCode when picture is null && content.Length >= 4:
                    if (header >= 0) TakeSequence(packet[header..parts.Start]);
                    header = -1;
                    group = content[3];
                    break;
                case MpegVideo.PictureCode when content.Length >= 2:
                    if (header >= 0) TakeSequence(packet[header..parts.Start]);
                    header = -1;
                    picture ??= new(content[0] << 2 | content[1] >> 6, content[1] >> 3 & 7, WholeFrame);
                    pictures++;
                    break;
                case MpegVideo.ExtensionCode when picture is { Structure: WholeFrame } && content.Length >= 3
                    && content[0] >> 4 == CodingExtension:
                    picture = picture.Value with { Structure = Math.Max(content[2] & 3, 1) };
                    break;
            }

            // Behind the first slice there is nothing to know of a whole frame.
            if (picture is { Structure: WholeFrame } && parts.Code is > MpegVideo.PictureCode and <= MpegVideo.LastSliceCode) break;
        }

        if (picture is not { } found) return default;
        var info = Describe(found, group, pictures > 1);
        _hasBegun = true;
        return info with { HasNewParameters = before != _parameters && !hadNone };
    }

    private PictureInfo Describe(Picture picture, byte? group, bool hasBothFields)
    {
        var isSecondField = !hasBothFields && _firstField.Structure > 0 && picture.Structure + _firstField.Structure == WholeFrame
            && picture.Order == _firstField.Order;
        _firstField = isSecondField || hasBothFields || picture.Structure == WholeFrame ? default : (picture.Structure, picture.Order);
        if (isSecondField) return new() { ContinuesPicture = true };
        var access = picture.Kind != Intra ? RandomAccess.None : _isLowDelay || (group & 0x40) != 0
            ? RandomAccess.Clean
            : RandomAccess.Open;
        var isLeading = picture.Kind == Bidirectional && _isBehindOpen;
        if (picture.Kind != Bidirectional) _isBehindOpen = access == RandomAccess.Open;
        return new() { Access = access, IsLeading = isLeading, Order = Unwrap(picture.Order, group is not null),
            ResetsOrder = group is not null };
    }

    // temporal_reference counts from 0 in each group, and has ten bits.
    private int Unwrap(int order, bool begins)
    {
        if (begins) return (int)(_order = order);
        var step = (order - (int)(_order & OrderLimit - 1) + OrderLimit) % OrderLimit;
        var full = _order + (step >= OrderLimit / 2 ? step - OrderLimit : step);
        if (full > _order) _order = full;
        return (int)full;
    }

    private void TakeSequence(ReadOnlySpan<byte> header)
    {
        if (header.SequenceEqual(_configuration)) return;
        _configuration = header.ToArray();
        _parameters = MpegVideo.FromSequence(header) ?? _parameters;
        _isLowDelay = MpegVideo.IsLowDelay(header);
    }

    private readonly record struct Picture(int Order, int Kind, int Structure);
}
