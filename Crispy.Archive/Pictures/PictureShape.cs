using System.Globalization;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Pictures;

/// <summary>How the picture of a chunk is to be shown, as its manifest says: turned, and with pixels that may not be square. A container may
/// have no room to say so.</summary>
/// <param name="Rotation">Degrees clockwise: 0, 90, 180 or 270.</param>
/// <param name="Sar">Width to height of a pixel; null for square ones.</param>
internal sealed record PictureShape(int Rotation, (int Width, int Height)? Sar)
{
    // A camera's pixels are at most twice as wide as high; this only keeps nonsense out.
    private const int LargestSar = 10_000;

    /// <summary>Reads the manifest in an object's metadata.</summary>
    /// <returns>Null where there is none: then the container is believed.</returns>
    public static PictureShape? Of(GcsObject found)
    {
        var manifest = ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found.Metadata));
        return manifest is null ? null : new(manifest.Rotation ?? 0, Ratio(manifest.Sar));
    }

    /// <summary>ffmpeg's filters that show a picture so, and as wide as is wanted.</summary>
    public static string Filter(PictureShape? shape, int width)
    {
        var sar = shape?.Sar is { } pixel ? string.Create(CultureInfo.InvariantCulture, $"setsar={pixel.Width}/{pixel.Height},") : "";
        var turn = shape?.Rotation switch { 90 => "transpose=clock,", 180 => "hflip,vflip,", 270 => "transpose=cclock,", _ => "" };
        // Even, and never higher than four times its width.
        return string.Create(CultureInfo.InvariantCulture,
            $"{sar}{turn}scale=w={width}:h='2*clip(round({width}/dar/2),1,{2 * width})',setsar=1,format=yuvj420p");
    }

    // Two numbers and nothing else: the text goes into a command line, and nobody has checked a signature here.
    private static (int Width, int Height)? Ratio(string? text) =>
        text?.Split(':') is [var width, var height] && Number(width) is { } left && Number(height) is { } right ? (left, right) : null;

    private static int? Number(string text)
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return isNumber && number is > 0 and <= LargestSar ? number : null;
    }
}
