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

    /// <summary>Makes parameters of what was read; null when no picture can have them.</summary>
    public static SequenceParameters? Checked(long width, long height, bool grey, double frameSeconds = 0) =>
        width is > 0 and <= MaxSide && height is > 0 and <= MaxSide
            ? new((int)width, (int)height, grey ? 1 : 3, double.IsFinite(frameSeconds) && frameSeconds is > 0 and < 3600 ? frameSeconds : 0)
            : null;
}
