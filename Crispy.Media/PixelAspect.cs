using System.Numerics;

namespace Crispy.Media;

/// <summary>The shape of a pixel, in lowest terms: <c>1:1</c> is square.</summary>
/// <param name="Width">Above 0.</param>
/// <param name="Height">Above 0.</param>
public readonly record struct PixelAspect(int Width, int Height)
{
    /// <summary>In lowest terms; null where a side is not above 0, which stands for unknown.</summary>
    public static PixelAspect? Of(int width, int height)
    {
        if (width <= 0 || height <= 0) return null;
        var common = (int)BigInteger.GreatestCommonDivisor(width, height);
        return new(width / common, height / common);
    }

    /// <summary>As ffprobe writes it: <c>12:11</c>.</summary>
    public override string ToString() => $"{Width}:{Height}";
}
