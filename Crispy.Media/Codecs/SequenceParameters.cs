namespace Crispy.Media.Codecs;

/// <summary>What a sequence header says.</summary>
/// <param name="Width">Pixels in a row after cropping.</param>
/// <param name="Height">Rows after cropping.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="FrameSeconds">How long a frame lasts, in seconds; 0 when the header does not say.</param>
internal readonly record struct SequenceParameters(int Width, int Height, int Channels, double FrameSeconds)
{
    /// <summary>The largest width or height that is believed.</summary>
    public const int MaxSide = 65535;

    // Cameras write ticks of their clock where a frame's length belongs.
    private const double LeastFrame = 0.000_01;
    private const double MostFrame = 3600;

    /// <summary>Bits of a luma sample; null when the header does not say.</summary>
    public int? BitDepth { get; init; }

    /// <summary><c>4:0:0</c>, <c>4:2:0</c>, <c>4:2:2</c> or <c>4:4:4</c>; null when the header does not say.</summary>
    public string? Chroma { get; init; }

    /// <summary>The shape of a pixel; null when the header does not say.</summary>
    public PixelAspect? PixelAspect { get; init; }

    /// <summary>False when the header rules out fields; null when it allows them, or does not say.</summary>
    public bool? IsInterlaced { get; init; }

    /// <summary>Makes parameters of what was read; null when no picture can have them.</summary>
    public static SequenceParameters? Checked(long width, long height, bool grey, double frameSeconds = 0) =>
        width is > 0 and <= MaxSide && height is > 0 and <= MaxSide
            ? new((int)width, (int)height, grey ? 1 : 3, frameSeconds is >= LeastFrame and < MostFrame ? frameSeconds : 0)
            : null;

    /// <summary>The name of a <c>chroma_format_idc</c>; null when there is none such.</summary>
    public static string? ChromaName(uint format) => format switch { 0 => "4:0:0", 1 => "4:2:0", 2 => "4:2:2", 3 => "4:4:4", _ => null };

    /// <summary>A bit depth that is believed; else null.</summary>
    public static int? Depth(long bits) => bits is >= 1 and <= 16 ? (int)bits : null;
}
