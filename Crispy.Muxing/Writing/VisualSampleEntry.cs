namespace Crispy.Muxing.Writing;

/// <summary>What MP4's visual sample entry (ISO/IEC 14496-12, 12.1.3) and QuickTime's image description have in common.</summary>
internal static class VisualSampleEntry
{
    /// <summary>Bytes of an entry without boxes.</summary>
    public const int Size = 86;

    private const uint DotsAnInch = 0x0048_0000;

    /// <summary>Adds what follows the entry's type: data reference 1, the picture's size, 72 dots an inch, one frame a sample, 24
    /// bits.</summary>
    public static void Add(ByteBuilder bytes, int width, int height) =>
        bytes.Zeros(6).UInt16(1).Zeros(16).UInt16(width).UInt16(height).UInt32(DotsAnInch).UInt32(DotsAnInch).Zeros(4).UInt16(1)
            .Zeros(32).UInt16(24).UInt16(-1);
}
