using System.Globalization;

namespace Crispy.Exporting;

/// <summary>The shape of pixels as a manifest says it, <c>12:11</c>; a container may have no room to say so.</summary>
public static class PixelShape
{
    // A camera's pixels are at most twice as wide as high; this only keeps nonsense out.
    private const int Largest = 10_000;

    /// <summary>Reads it: two numbers and nothing else, since the text goes into a command line.</summary>
    /// <returns>Null where it is none.</returns>
    public static (int Width, int Height)? Parse(string? text) =>
        text?.Split(':') is [var width, var height] && Number(width) is { } left && Number(height) is { } right ? (left, right) : null;

    /// <summary>ffmpeg's output options that give it to a picture which is copied.</summary>
    /// <param name="picture">Ends in the coded size, as in <c>h264 720x576</c>.</param>
    /// <param name="sar">The shape; null leaves it as the source says.</param>
    public static string[] Options(string picture, string? sar)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Parse(sar) is { } pixel && picture.Split(' ')[^1].Split('x') is [var width, var height] && int.TryParse(width, out var wide)
            && int.TryParse(height, out var high)
            ? Options(wide, high, pixel) : [];
    }

    /// <inheritdoc cref="Options(string, string?)"/>
    public static string[] Options(int width, int height, string? sar) =>
        Parse(sar) is { } pixel && width > 0 && height > 0 ? Options(width, height, pixel) : [];

    private static string[] Options(int width, int height, (int Width, int Height) pixel) =>
        ["-aspect", string.Create(CultureInfo.InvariantCulture, $"{(long)width * pixel.Width}:{(long)height * pixel.Height}")];

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Largest ? number : null;
}
