using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Muxing.Bitstreams;

/// <summary>MPEG-4 part 2 video (ISO/IEC 14496-2), whose planes say their times themselves.</summary>
internal sealed class Mpeg4Bitstream : VideoBitstream
{
    private const uint Intra = 0;
    private const uint Bidirectional = 2;

    // Room for a day of the finest ticks is more than an order can hold: it begins again at an intra plane.
    private const long MaxOrder = 1 << 30;

    // Seconds from one plane to the next that are believed.
    private const int MaxStep = 24 * 3600;

    private byte[] _configuration = [];
    private byte[] _layer = [];
    private Mpeg4Video? _video;
    private bool _hasBegun;
    private bool _hasBidirectional;
    private bool _isBehindOpen;
    private long _seconds;
    private long _secondsBefore;
    private long? _last;
    private long _zero;

    /// <inheritdoc />
    public override byte[] Configuration => _configuration;

    /// <inheritdoc />
    public override bool TakeExtradata(ReadOnlySpan<byte> extradata) => !extradata.IsEmpty && TakeHeader(extradata);

    /// <inheritdoc />
    public override PictureInfo Look(ReadOnlySpan<byte> packet, bool isKeyframe)
    {
        var hadNone = _layer.Length == 0 && !_hasBegun;
        var changed = false;
        var (header, hasLayer) = (-1, false);
        bool? isClosed = null;
        var parts = new StartCodes(packet);
        while (parts.Next())
        {
            var isHeader = parts.Code is not (Mpeg4Video.GroupCode or Mpeg4Video.PlaneCode);
            if (isHeader && header < 0) header = parts.Start;
            if (isHeader) hasLayer |= Mpeg4Video.IsLayer(parts.Code);
            else if (hasLayer) changed = TakeHeader(packet[header..parts.Start]);
            if (!isHeader) hasLayer = false;
            if (parts.Code == Mpeg4Video.GroupCode) isClosed = ReadGroup(parts.Content);
            if (parts.Code != Mpeg4Video.PlaneCode) continue;
            var info = ReadPlane(parts.Content, isClosed);
            _hasBegun = true;
            return info with { HasNewParameters = changed && !hadNone };
        }

        return default;
    }

    // time_code: hours, minutes, a marker, seconds; then closed_gov.
    private bool ReadGroup(ReadOnlySpan<byte> group)
    {
        var bits = new BitReader(group, isEscaped: false);
        var minutes = bits.Bits(5) * 60 + bits.Bits(6);
        bits.Skip(1);
        var seconds = minutes * 60 + bits.Bits(6);
        var isClosed = bits.Flag();
        if (!bits.Overrun) _seconds = seconds;
        return isClosed;
    }

    private PictureInfo ReadPlane(ReadOnlySpan<byte> plane, bool? isClosed)
    {
        var bits = new BitReader(plane, isEscaped: false);
        var kind = bits.Bits(2);
        var isBidirectional = kind == Bidirectional;
        _hasBidirectional |= isBidirectional;
        var canLead = _hasBidirectional || _video is { IsLowDelay: false };
        var access = kind != Intra ? RandomAccess.None : canLead && isClosed != true && _video is not { IsLowDelay: true }
            ? RandomAccess.Open
            : RandomAccess.Clean;
        var isLeading = isBidirectional && _isBehindOpen;
        if (!isBidirectional) _isBehindOpen = access == RandomAccess.Open;
        return WithOrder(new() { Access = access, IsLeading = isLeading }, ref bits, isBidirectional);
    }

    // Seconds count from the last plane that is no B plane; a B plane's from the one before that.
    private PictureInfo WithOrder(PictureInfo info, ref BitReader bits, bool isBidirectional)
    {
        if (_video is null) return info;
        var seconds = isBidirectional ? _secondsBefore : _seconds;
        for (var end = seconds + MaxStep; seconds < end && bits.Flag();) seconds++;
        bits.Skip(1);
        var time = seconds * _video.Resolution + bits.Bits(_video.IncrementBits);
        if (bits.Overrun) return info;
        if (isBidirectional) return info with { Order = (int)Math.Clamp(time - _zero, int.MinValue, int.MaxValue) };
        var resets = _last is null || time < _last || info.Access != RandomAccess.None && time - _zero > MaxOrder;
        if (resets) _zero = time;
        (_secondsBefore, _seconds, _last) = (_seconds, seconds, time);
        return info with { Order = (int)Math.Clamp(time - _zero, int.MinValue, int.MaxValue), ResetsOrder = resets };
    }

    private bool TakeHeader(ReadOnlySpan<byte> header)
    {
        var layer = LayerOf(header);
        var changed = !layer.SequenceEqual(_layer);
        if (!changed && _configuration.Length > 0) return false;
        _configuration = header.ToArray();
        _layer = layer.ToArray();
        _video = Mpeg4Video.Find(header) ?? _video;
        return changed;
    }

    private static ReadOnlySpan<byte> LayerOf(ReadOnlySpan<byte> header)
    {
        var parts = new StartCodes(header);
        while (parts.Next())
        {
            if (!Mpeg4Video.IsLayer(parts.Code)) continue;
            var start = parts.Start;
            parts.Next();
            return header[start..parts.Start].TrimEnd((byte)0);
        }

        return [];
    }
}
