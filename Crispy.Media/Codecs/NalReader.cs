using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Takes the NAL units of H.264 or H.265 out of bytes one by one. Any bytes are safe: a unit that claims more than there is
/// ends with them.</summary>
/// <param name="bytes">One or more units.</param>
/// <param name="lengthSize">Bytes of the length before each unit (ISO/IEC 14496-15): 1 to 4; 0 for start codes (annex B).</param>
internal ref struct NalReader(ReadOnlySpan<byte> bytes, int lengthSize)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Takes the next unit that is not empty, its header included, without zero bytes behind a unit that a start code
    /// ends.</summary>
    public bool TryTake(out ReadOnlySpan<byte> unit)
    {
        do
        {
            if (lengthSize == 0 ? !TryTakeAfterStartCode(out unit) : !TryTakeAfterLength(out unit)) return false;
        }
        while (unit.IsEmpty);
        return true;
    }

    /// <summary>Whether lengths of this size lead from unit to unit exactly to the end of the bytes, and no unit is empty.</summary>
    public static bool FitsLengths(ReadOnlySpan<byte> bytes, int lengthSize)
    {
        if (bytes.IsEmpty) return false;
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < lengthSize) return false;
            var length = Number(bytes[..lengthSize]);
            if (length == 0 || length > bytes.Length - lengthSize) return false;
            bytes = bytes[(lengthSize + (int)length)..];
        }

        return true;
    }

    /// <summary>Whether the bytes begin with a start code, however many zero bytes it has.</summary>
    public static bool StartsWithStartCode(ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        return zeros >= 2 && bytes[zeros] == 1;
    }

    private bool TryTakeAfterLength(out ReadOnlySpan<byte> unit)
    {
        unit = default;
        if (_rest.Length <= lengthSize) return false;
        var taken = (int)Math.Min(Number(_rest[..lengthSize]), (uint)(_rest.Length - lengthSize));
        unit = _rest.Slice(lengthSize, taken);
        _rest = _rest[(lengthSize + taken)..];
        Work.Count(lengthSize);
        return true;
    }

    private bool TryTakeAfterStartCode(out ReadOnlySpan<byte> unit)
    {
        unit = default;
        var start = _rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        Work.Count(start < 0 ? _rest.Length : start);
        if (start < 0) return false;
        _rest = _rest[(start + 3)..];
        var end = _rest.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        Work.Count(end < 0 ? _rest.Length : end);
        unit = (end < 0 ? _rest : _rest[..end]).TrimEnd((byte)0);
        _rest = end < 0 ? [] : _rest[end..];
        return true;
    }

    private static uint Number(ReadOnlySpan<byte> bytes)
    {
        uint number = 0;
        foreach (var next in bytes) number = number << 8 | next;
        return number;
    }
}
