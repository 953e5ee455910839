using System.Buffers.Binary;
using System.Text;

namespace Crispy.Archive.Playing;

/// <summary>A box of ISO/IEC 14496-12, section 4.2, within some bytes.</summary>
/// <param name="Type">Four characters.</param>
/// <param name="Start">Where its header begins.</param>
/// <param name="Content">Where its content begins.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct Mp4Box(string Type, int Start, int Content, int End);

/// <summary>Walks through boxes.</summary>
internal static class Mp4Boxes
{
    /// <summary>Bytes of the longest header.</summary>
    public const int LongestHeader = 16;

    /// <summary>Reads a box's header.</summary>
    /// <returns>Type, length of the header, and size of the whole box; 0 where it reaches to the end of the file.</returns>
    /// <exception cref="InvalidDataException">It is no header.</exception>
    public static (string Type, int Header, long Size) Header(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) throw new InvalidDataException("a box is cut off");
        long size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var type = Encoding.Latin1.GetString(bytes.Slice(4, 4));
        var header = size == 1 ? LongestHeader : 8;
        if (header > bytes.Length) throw new InvalidDataException($"box '{type}' is cut off");
        if (size == 1) size = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
        if (size != 0 && size < header) throw new InvalidDataException($"box '{type}' has {size} bytes");
        return (type, header, size);
    }

    /// <summary>The boxes within a part of the bytes.</summary>
    public static IEnumerable<Mp4Box> Within(byte[] bytes, int start, int end)
    {
        while (end - start >= 8)
        {
            var (type, header, size) = Header(bytes.AsSpan(start, end - start));
            var boxEnd = size == 0 ? end : size <= end - start
                ? start + (int)size
                : throw new InvalidDataException($"box '{type}' is longer than what it lies in");
            yield return new(type, start, start + header, boxEnd);
            start = boxEnd;
        }
    }

    /// <summary>The boxes within a box.</summary>
    public static IEnumerable<Mp4Box> Within(byte[] bytes, Mp4Box box) => Within(bytes, box.Content, box.End);

    /// <summary>A box at a path of types below a box; null where it is not there.</summary>
    public static Mp4Box? Find(byte[] bytes, Mp4Box box, params ReadOnlySpan<string> path)
    {
        var at = box;
        foreach (var type in path)
        {
            if (Within(bytes, at).Where(child => child.Type == type).Select(child => (Mp4Box?)child).FirstOrDefault() is not { } next)
                return null;
            at = next;
        }
        return at;
    }
}
