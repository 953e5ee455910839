using Crispy.Media.Bytes;

namespace Crispy.Media.Codecs;

/// <summary>Parts of MPEG-1, MPEG-2 and MPEG-4 part 2 video. In front of each stand <c>00 00 01</c> and a byte that says what it
/// is.</summary>
/// <param name="bytes">One packet, or a configuration.</param>
internal ref struct StartCodes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;

    /// <summary>The last byte of the part's start code.</summary>
    public byte Code { get; private set; }

    /// <summary>Where the part's start code begins.</summary>
    public int Start { get; private set; }

    /// <summary>All bytes from behind the part's start code on, those of later parts too.</summary>
    public readonly ReadOnlySpan<byte> Content => _bytes[Math.Min(Start + 4, _bytes.Length)..];

    /// <summary>Goes to the next part; false when there is none.</summary>
    public bool Next()
    {
        var at = _bytes[_next..].IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        Work.Count(at < 0 ? _bytes.Length - _next : at + 1);
        if (at < 0 || _next + at + 3 >= _bytes.Length)
        {
            Start = _bytes.Length;
            return false;
        }

        Start = _next + at;
        Code = _bytes[Start + 3];
        _next = Start + 3;
        return true;
    }
}
