using System.Globalization;
using Crispy.Archive.Listing;
using Crispy.Contracts;
using Crispy.Exporting;
using GcsObject = Google.Apis.Storage.v1.Data.Object;

namespace Crispy.Archive.Playing;

/// <summary>How the picture of a chunk must be shown, as its manifest says: turned, and with pixels that may not be square. A container may
/// have no room to say so.</summary>
/// <param name="Rotation">Degrees clockwise: 0, 90, 180 or 270.</param>
/// <param name="Sar">Width to height of a pixel; null for square ones.</param>
internal sealed record PictureShape(int Rotation, (int Width, int Height)? Sar)
{
    /// <summary>Reads the manifest in an object's metadata.</summary>
    /// <returns>Null where there is none: then the container is believed.</returns>
    public static PictureShape? Of(GcsObject found)
    {
        var manifest = ObjectReading.ManifestOrNull(ChunkMetadata.ManifestBytes(found.Metadata));
        return manifest is null ? null : new(manifest.Rotation ?? 0, PixelShape.Parse(manifest.Sar));
    }

    /// <summary>ffmpeg's filters that show a picture so, and as wide as is wanted.</summary>
    public static string Filter(PictureShape? shape, int width)
    {
        // Even, and never higher than four times its width.
        return string.Create(CultureInfo.InvariantCulture,
            $"{Upright(shape)}scale=w={width}:h='2*clip(round({width}/dar/2),1,{2 * width})',setsar=1,format=yuvj420p");
    }

    /// <summary>ffmpeg's filters that give a picture the shape of its pixels and turn it upright; empty,
    /// or with a comma at the end.</summary>
    public static string Upright(PictureShape? shape)
    {
        var sar = shape?.Sar is { } pixel ? string.Create(CultureInfo.InvariantCulture, $"setsar={pixel.Width}/{pixel.Height},") : "";
        return sar + shape?.Rotation switch { 90 => "transpose=clock,", 180 => "hflip,vflip,", 270 => "transpose=cclock,", _ => "" };
    }
}
