using System.Buffers.Binary;

namespace Crispy.Exporting;

/// <summary>Tells players that a picture must be turned, in a file that ffmpeg wrote. How much of that ffmpeg takes along differs by its
/// version and by the container.</summary>
public static class Orientation
{
    private const int One = 0x10000;
    private const int LargestDescription = 256 << 20;

    // The name of a track makes room that is then used otherwise.
    private const int Room = 40;

    /// <summary>ffmpeg's options for a Matroska file that <see cref="TurnMatroskaAsync"/> is to change.</summary>
    public static readonly string[] MatroskaOptions = ["-metadata:s:v:0", $"title={new string('-', Room)}", "-write_crc32", "0"];

    /// <summary>The matrix of a track that is turned clockwise by 0, 90, 180 or 270 degrees (ISO/IEC 14496-12, section 8.3.2):
    /// nine numbers of 32 bits.</summary>
    /// <param name="clockwise">Degrees.</param>
    /// <param name="width">The picture's width before it is turned, in pixels.</param>
    /// <param name="height">Its height.</param>
    public static byte[] Matrix(int clockwise, int width, int height)
    {
        var (cos, sin) = clockwise switch { 90 => (0, 1), 180 => (-1, 0), 270 => (0, -1), _ => (1, 0) };
        var (x, y) = clockwise switch { 90 => (height, 0), 180 => (width, height), 270 => (0, width), _ => (0, 0) };
        int[] numbers = [cos * One, sin * One, 0, -sin * One, cos * One, 0, x * One, y * One, 0x4000_0000];
        var bytes = new byte[36];
        for (var index = 0; index < numbers.Length; index++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(index * 4), numbers[index]);
        return bytes;
    }

    /// <summary>Turns every video track that a description (<c>moov</c>) holds.</summary>
    /// <param name="moov">The box's content.</param>
    /// <param name="clockwise">Degrees.</param>
    public static void TurnTracks(Span<byte> moov, int clockwise)
    {
        foreach (var track in Boxes(moov, "trak"u8))
        {
            var content = moov[track];
            if (!IsVideo(content)) continue;
            foreach (var header in Boxes(content, "tkhd"u8)) Turn(content[header], clockwise);
        }
    }

    /// <summary>Turns the video of an MP4 whose description comes first (<c>+faststart</c>).</summary>
    /// <exception cref="ExportException">It is no such file.</exception>
    public static async Task TurnMp4Async(string path, int clockwise, CancellationToken cancellation)
    {
        if (clockwise == 0) return;
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        await using (file.ConfigureAwait(false))
        {
            var head = new byte[8];
            for (long at = 0; at + 8 <= file.Length;)
            {
                file.Position = at;
                await file.ReadExactlyAsync(head, cancellation).ConfigureAwait(false);
                long size = BinaryPrimitives.ReadUInt32BigEndian(head);
                if (head.AsSpan(4).SequenceEqual("moov"u8) && size is > 8 and <= LargestDescription)
                {
                    var moov = new byte[size - 8];
                    await file.ReadExactlyAsync(moov, cancellation).ConfigureAwait(false);
                    TurnTracks(moov, clockwise);
                    file.Position = at + 8;
                    await file.WriteAsync(moov, cancellation).ConfigureAwait(false);
                    return;
                }
                if (size < 8) break;
                at += size;
            }
        }
        throw new ExportException("the joined file has no description to say in that it is turned");
    }

    /// <summary>Turns the video of a Matroska file that was written with <see cref="MatroskaOptions"/>:
    /// a <c>Projection</c> takes the place of the track's name.</summary>
    /// <exception cref="ExportException">It is no such file.</exception>
    public static async Task TurnMatroskaAsync(string path, int clockwise, CancellationToken cancellation)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        await using (file.ConfigureAwait(false))
        {
            var head = new byte[Math.Min(file.Length, 1 << 20)];
            await file.ReadExactlyAsync(head, cancellation).ConfigureAwait(false);
            if (!MatroskaTurn.Apply(head, Room, clockwise))
                throw new ExportException("the joined file has no room to say in that it is turned");
            file.Position = 0;
            await file.WriteAsync(head, cancellation).ConfigureAwait(false);
        }
    }

    private static void Turn(Span<byte> header, int clockwise)
    {
        // Version 1 has 64 bits for each of two times and the duration.
        var matrix = header[0] == 1 ? 52 : 40;
        if (header.Length < matrix + 44) return;
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header[(matrix + 36)..]) / One,
            BinaryPrimitives.ReadInt32BigEndian(header[(matrix + 40)..]) / One);
        Matrix(clockwise, width, height).CopyTo(header[matrix..]);
    }

    private static bool IsVideo(ReadOnlySpan<byte> track)
    {
        foreach (var media in Boxes(track, "mdia"u8))
        {
            foreach (var handler in Boxes(track[media], "hdlr"u8))
                if (track[media][handler] is { Length: >= 12 } content && content[8..12].SequenceEqual("vide"u8)) return true;
        }
        return false;
    }

    private static List<Range> Boxes(ReadOnlySpan<byte> within, ReadOnlySpan<byte> type)
    {
        var found = new List<Range>();
        for (var at = 0; at + 8 <= within.Length;)
        {
            var size = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(within[at..]), int.MaxValue);
            if (size < 8 || size > within.Length - at) break;
            if (within.Slice(at + 4, 4).SequenceEqual(type)) found.Add((at + 8)..(at + size));
            at += size;
        }
        return found;
    }
}
