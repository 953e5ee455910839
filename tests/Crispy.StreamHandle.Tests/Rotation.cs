using System.Buffers.Binary;

namespace Crispy.StreamHandle.Tests;

/// <summary>Turns the picture of an MP4 as a phone does, by the matrix in its track's header (ISO 14496-12, 8.3.2). The pictures stay as
/// they are.</summary>
internal static class Rotation
{
    public static async Task WriteAsync(string from, string to, int degreesClockwise)
    {
        const int one = 1 << 16;
        var (a, b) = degreesClockwise switch { 90 => (0, one), 180 => (-one, 0), 270 => (0, -one), _ => (one, 0) };
        var bytes = await File.ReadAllBytesAsync(from);
        // Version 0: type; version and flags; times, id, reserved, duration; reserved; layer to volume; then the matrix.
        var at = bytes.AsSpan().LastIndexOf("tkhd"u8) + 4 + 4 + 20 + 8 + 8;
        foreach (var (index, value) in ((int[])[a, b, 0, -b, a, 0]).Index())
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 4 * index), value);
        await File.WriteAllBytesAsync(to, bytes);
    }
}
