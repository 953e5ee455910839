using System.Buffers.Binary;

namespace Crispy.Judge.Tests;

/// <summary>The display matrix of an MP4's first track. Releases of ffmpeg have different options for it,
/// so it is written by hand.</summary>
internal static class DisplayMatrix
{
    /// <summary>Lets the picture be shown turned clockwise.</summary>
    /// <param name="path">An MP4 or QuickTime file of ffmpeg's.</param>
    /// <param name="degrees">90, 180 or 270.</param>
    public static void Turn(string path, int degrees)
    {
        var file = File.ReadAllBytes(path);
        var moov = file.AsSpan().LastIndexOf("moov"u8);
        // Version 0: flags, times, id, duration; reserved; layer to volume; then the matrix (ISO 14496-12, 8.3.2).
        var at = moov + file.AsSpan(moov).IndexOf("tkhd"u8) + 4 + 4 + 20 + 8 + 8;
        int[] turned =
            degrees switch { 90 => [0, 0x10000, -0x10000, 0], 180 => [-0x10000, 0, 0, -0x10000], _ => [0, -0x10000, 0x10000, 0] };
        int[] matrix = [turned[0], turned[1], 0, turned[2], turned[3], 0, 0, 0, 0x40000000];
        foreach (var (index, value) in matrix.Index()) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at + 4 * index), value);
        File.WriteAllBytes(path, file);
    }
}
