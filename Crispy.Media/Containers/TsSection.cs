namespace Crispy.Media.Containers;

/// <summary>Collects one section of programme-specific information out of packets.</summary>
internal sealed class TsSection
{
    private readonly byte[] _bytes = new byte[4096];
    private int _length;
    private bool _open;

    /// <summary>The whole section, from its table id to its checksum.</summary>
    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _length);

    /// <summary>Adds a packet's payload; true when the section is complete.</summary>
    public bool Append(ReadOnlySpan<byte> payload, bool starts)
    {
        if (starts)
        {
            if (payload.IsEmpty || payload.Length < 1 + payload[0]) return false;
            payload = payload[(1 + payload[0])..];
            _length = 0;
            _open = true;
        }

        if (!_open) return false;
        var taken = Math.Min(payload.Length, _bytes.Length - _length);
        payload[..taken].CopyTo(_bytes.AsSpan(_length));
        _length += taken;
        if (_length < 3) return false;
        var whole = 3 + ((_bytes[1] & 0x0F) << 8 | _bytes[2]);
        if (_length < whole) return false;
        _length = whole;
        return true;
    }

    /// <summary>Makes room for another.</summary>
    public void Clear()
    {
        _open = false;
        _length = 0;
    }
}
