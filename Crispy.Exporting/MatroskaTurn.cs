using System.Buffers.Binary;

namespace Crispy.Exporting;

/// <summary>
/// Writes a rotation into the video track of a Matroska file (RFC 9559, section 5.1.4.1.28.41). It takes the place of the track's name, so
/// that no byte after it moves:
/// <c>TrackEntry { .. Name .. Video { .. } .. }</c> becomes <c>TrackEntry { .. Void .. Video { .. Projection } .. }</c>.
/// </summary>
internal static class MatroskaTurn
{
    private const uint Segment = 0x18538067, Tracks = 0x1654AE6B, TrackEntry = 0xAE, Name = 0x536E, Video = 0xE0,
        Projection = 0x7670, Void = 0xEC;

    /// <param name="head">The file's beginning, with all of its <c>Tracks</c>.</param>
    /// <param name="room">How long the name is.</param>
    /// <param name="clockwise">Degrees.</param>
    /// <returns>False where it has no such track.</returns>
    public static bool Apply(Span<byte> head, int room, int clockwise)
    {
        if (Find(head, 0..head.Length, Segment) is not { } segment || Find(head, segment.Content, Tracks) is not { } tracks) return false;
        foreach (var entry in All(head, tracks.Content).Where(element => element.Id == TrackEntry))
        {
            var children = All(head, entry.Content);
            var (name, video) = (children.Find(child => child.Id == Name), children.Find(child => child.Id == Video));
            if (name is null || video is null || name.Length != room) continue;
            // Newer versions of ffmpeg have written it themselves.
            if (Find(head, video.Content, Projection) is not null) return true;
            Rewrite(head, children, name, video, clockwise);
            return true;
        }
        return false;
    }

    private static void Rewrite(Span<byte> head, List<Element> children, Element name, Element video, int clockwise)
    {
        var turned = Turned(head[video.Content], clockwise);
        // What the video grows by, the filler is shorter than the name.
        var filler = name.Whole - (turned.Length - video.Whole);
        var written = new List<byte>();
        foreach (var child in children)
        {
            if (child == name) written.AddRange([(byte)Void, (byte)(0x80 | (filler - 2)), .. new byte[filler - 2]]);
            else written.AddRange(child == video ? turned : head[child.Start..child.Content.End].ToArray());
        }
        written.ToArray().CopyTo(head[children[0].Start..]);
    }

    private static byte[] Turned(ReadOnlySpan<byte> video, int clockwise)
    {
        // A roll turns counter-clockwise, from -180 to 180.
        var roll = new byte[4];
        BinaryPrimitives.WriteSingleBigEndian(roll, clockwise > 180 ? 360 - clockwise : -clockwise);
        byte[] projection = [0x76, 0x70, 0x8B, 0x76, 0x71, 0x81, 0, 0x76, 0x75, 0x84, .. roll];
        var length = video.Length + projection.Length;
        // A size of two bytes: more than a video's description ever has in one.
        return [(byte)Video, (byte)(0x40 | (length >> 8)), (byte)length, .. video, .. projection];
    }

    private static Element? Find(ReadOnlySpan<byte> bytes, Range within, uint id) =>
        All(bytes, within, id).Find(element => element.Id == id);

    // Elements one after the other, up to one that is looked for.
    private static List<Element> All(ReadOnlySpan<byte> bytes, Range within, uint upTo = 0)
    {
        var (at, end) = (within.Start.Value, within.End.Value);
        var found = new List<Element>();
        while (at < end)
        {
            var (id, idLength) = Number(bytes, at, end, keepMarker: true);
            var (size, sizeLength) = Number(bytes, at + idLength, end, keepMarker: false);
            if (idLength == 0 || sizeLength == 0) break;
            var content = at + idLength + sizeLength;
            // A size that is all ones is not known: it reaches to the end.
            var isOpen = size == (1UL << (7 * sizeLength)) - 1;
            var last = isOpen || size > (ulong)(end - content) ? end : content + (int)size;
            found.Add(new((uint)id, at, content..last));
            if (id == upTo) break;
            at = last;
        }
        return found;
    }

    private static (ulong Value, int Length) Number(ReadOnlySpan<byte> bytes, int at, int end, bool keepMarker)
    {
        if (at >= end || bytes[at] == 0) return (0, 0);
        var length = System.Numerics.BitOperations.LeadingZeroCount(bytes[at]) - 23;
        if (length > 8 || at + length > end) return (0, 0);
        ulong value = keepMarker ? bytes[at] : bytes[at] & ((1UL << (8 - length)) - 1);
        for (var index = 1; index < length; index++) value = (value << 8) | bytes[at + index];
        return (value, length);
    }

    private sealed record Element(uint Id, int Start, Range Content)
    {
        public int Length => Content.End.Value - Content.Start.Value;

        public int Whole => Content.End.Value - Start;
    }
}
