using Crispy.Media.Bytes;
using Crispy.Media.Codecs;

namespace Crispy.Media.Containers;

/// <summary>The first bytes of one packetised elementary stream packet, which in video is one frame.</summary>
internal sealed class TsFrame
{
    // Headers, parameter sets and messages come before the picture and are rarely longer.
    private const int Kept = 4096;

    private readonly byte[] _bytes = new byte[Kept];
    private int _length;
    private bool _randomAccess;

    /// <summary>Whether a packet has begun.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The presentation timestamp in 90 kHz, 33 bits; null without one.</summary>
    public long? Pts
    {
        get
        {
            if (_length < 14 || (_bytes[7] & 0x80) == 0) return null;
            return (long)(_bytes[9] >> 1 & 7) << 30 | (long)_bytes[10] << 22 | (long)(_bytes[11] >> 1) << 15 | (long)_bytes[12]
                << 7 | (long)_bytes[13] >> 1;
        }
    }

    private ReadOnlySpan<byte> Elementary =>
        _length > 9 ? _bytes.AsSpan(Math.Min(_length, 9 + _bytes[8]), _length - Math.Min(_length, 9 + _bytes[8])) : [];

    /// <summary>Begins a packet.</summary>
    public void Begin(bool randomAccess)
    {
        IsOpen = true;
        _length = 0;
        _randomAccess = randomAccess;
    }

    /// <summary>Adds bytes of the packet; those behind the kept ones are ignored. True for the bytes that end the kept ones, once a
    /// packet.</summary>
    public bool Append(ReadOnlySpan<byte> payload)
    {
        if (!IsOpen || _length == Kept) return false;
        var taken = Math.Min(payload.Length, Kept - _length);
        payload[..taken].CopyTo(_bytes.AsSpan(_length));
        Work.Count(taken);
        _length += taken;
        return _length == Kept;
    }

    /// <summary>Ends the packet.</summary>
    public void Close() => IsOpen = false;

    /// <summary>Reads the sequence header among the kept bytes; null without one.</summary>
    public SequenceParameters? ReadParameters(string codec) => codec switch
    {
        "h264" or "hevc" => AnnexB.FindSequence(Elementary, codec == "hevc"),
        "mpeg2video" or "mpeg1video" => MpegVideo.FromSequence(Elementary),
        "mpeg4" => Mpeg4Video.FromObjectLayer(Elementary),
        _ => null,
    };

    /// <summary>Whether there is a sequence header among the kept bytes, readable or not.</summary>
    public bool HasParameters(string codec) =>
        codec is "h264" or "hevc" ? AnnexB.HasSequence(Elementary, codec == "hevc") : VideoCodec.HasFrameHeader(codec, Elementary);

    /// <summary>Whether decoding can start here.</summary>
    public bool IsKeyframe(string codec) => _randomAccess || codec switch
    {
        "h264" or "hevc" => AnnexB.IsKeyframe(Elementary, codec == "hevc"),
        "mpeg2video" or "mpeg1video" => MpegVideo.StartsWithIntraPicture(Elementary),
        "mpeg4" => Mpeg4Video.StartsWithIntraPlane(Elementary),
        _ => false,
    };
}
