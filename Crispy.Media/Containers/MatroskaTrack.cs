using Crispy.Media.Bytes;

namespace Crispy.Media.Containers;

/// <summary>One TrackEntry (RFC 9559, section 5.1.4.1).</summary>
internal sealed class MatroskaTrack
{
    private const int VideoType = 1;
    private const int AudioType = 2;
    private const int MaxText = 64;

    // A parameter set is a few hundred bytes; font and Vorbis headers are not ours.
    private const int MaxPrivate = ushort.MaxValue;

    private ulong _type;
    private ulong _width;
    private ulong _height;
    private ulong _cropHorizontal;
    private ulong _cropVertical;

    /// <summary>The number by which blocks name the track.</summary>
    public ulong Number { get; private set; }

    /// <summary>The codec's identifier, such as <c>V_MPEG4/ISO/AVC</c>.</summary>
    public string CodecId { get; private set; } = "";

    /// <summary>The codec's configuration.</summary>
    public byte[] CodecPrivate { get; private set; } = [];

    /// <summary>Nanoseconds a frame; 0 when not given.</summary>
    public long DefaultDuration { get; private set; }

    /// <summary>Bits a sample of audio.</summary>
    public ulong BitDepth { get; private set; }

    /// <summary>Whether it holds video.</summary>
    public bool IsVideo => _type == VideoType;

    /// <summary>Whether it holds audio.</summary>
    public bool IsAudio => _type == AudioType;

    /// <summary>Width and height after the container's own cropping.</summary>
    public (int Width, int Height) DisplayedPixels => (Cropped(_width, _cropHorizontal), Cropped(_height, _cropVertical));

    /// <summary>Reads the children up to the offset <paramref name="end"/>;
    /// false when the bytes end or contradict themselves before.</summary>
    public bool Read(ByteSource source, long end) => ReadChildren(source, end, entry: true);

    private bool ReadChildren(ByteSource source, long end, bool entry)
    {
        while (source.Position < end)
        {
            if (Ebml.TryTakeId(source, out var id) != EbmlResult.Ok || !Ebml.TryTakeVint(source, out var length, out var unknown)
                || unknown)
                return false;
            var next = source.Position + (long)length;
            if (!ReadChild(source, id, length, entry) || !source.SkipTo(next)) return false;
        }

        return true;
    }

    private static int Cropped(ulong size, ulong crop) => size <= int.MaxValue && crop < size ? (int)(size - crop) : 0;

    private bool ReadChild(ByteSource source, uint id, ulong length, bool entry)
    {
        switch (id)
        {
            case 0xE0 or 0xE1: // Video, Audio: they hold no other of their kind.
                return !entry || ReadChildren(source, source.Position + (long)length, entry: false);
            case 0x86: // CodecID
                return ReadBytes(source, length, MaxText, bytes => CodecId = System.Text.Encoding.ASCII.GetString(bytes).TrimEnd('\0'));
            case 0x63A2: // CodecPrivate
                return ReadBytes(source, length, MaxPrivate, bytes => CodecPrivate = bytes.ToArray());
            default:
                return !IsNumber(id) || length > 8 || ReadNumber(source, id, (int)length);
        }
    }

    private static bool IsNumber(uint id) =>
        id is 0xD7 or 0x83 or 0x23E383 or 0xB0 or 0xBA or 0x54AA or 0x54BB or 0x54CC or 0x54DD or 0x6264;

    private bool ReadNumber(ByteSource source, uint id, int length)
    {
        if (!source.TryTakeNumber(length, out var value)) return false;
        switch (id)
        {
            case 0xD7: Number = value; break;
            case 0x83: _type = value; break;
            case 0x23E383: DefaultDuration = (long)Math.Min(value, long.MaxValue / 4); break;
            case 0xB0: _width = value; break;
            case 0xBA: _height = value; break;
            case 0x54AA or 0x54BB: _cropVertical += value & int.MaxValue; break;
            case 0x54CC or 0x54DD: _cropHorizontal += value & int.MaxValue; break;
            case 0x6264: BitDepth = value; break;
        }

        return true;
    }

    private delegate void Use(ReadOnlySpan<byte> bytes);

    private static bool ReadBytes(ByteSource source, ulong length, int most, Use use)
    {
        if (length > (ulong)most) return true;
        if (!source.TryTake((int)length, out var bytes)) return false;
        use(bytes);
        return true;
    }
}
