using System.Buffers.Text;
using System.Globalization;

namespace Crispy.Contracts;

/// <summary>The custom metadata (<c>x-goog-meta-*</c>) of a stored chunk.
/// All together they stay under Cloud Storage's limit of 8 KiB.</summary>
public static class ChunkMetadata
{
    /// <summary>The chunk's id.</summary>
    public const string Chunk = "crispy-chunk";

    /// <summary>UTC time of the first frame.</summary>
    public const string From = "crispy-from";

    /// <summary>UTC time at which the last frame ends.</summary>
    public const string To = "crispy-to";

    /// <summary>Duration in seconds.</summary>
    public const string Duration = "crispy-duration";

    /// <summary>Number of video frames.</summary>
    public const string Frames = "crispy-frames";

    /// <summary><c>height x width x channels</c>, as in <c>1080x1920x3</c>.</summary>
    public const string Resolution = "crispy-resolution";

    /// <summary>base64url (RFC 4648, no padding) of the manifest's exact bytes.</summary>
    public const string Manifest = "crispy-manifest";

    /// <summary>The detached JWS of the manifest.</summary>
    public const string Signature = "crispy-signature";

    /// <summary>W3C trace context of the upload.</summary>
    public const string Traceparent = "traceparent";

    /// <summary>The metadata of a chunk.</summary>
    /// <param name="manifest">The manifest, read from <paramref name="manifestBytes"/>.</param>
    /// <param name="manifestBytes">The manifest's exact bytes.</param>
    /// <param name="signature">The detached JWS.</param>
    /// <param name="traceparent">The upload's trace context, or null.</param>
    public static Dictionary<string, string> For(ChunkManifest manifest, ReadOnlySpan<byte> manifestBytes,
        string signature, string? traceparent)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Chunk] = manifest.Chunk,
            [From] = Instants.Format(manifest.From),
            [To] = Instants.Format(manifest.To),
            [Duration] = Instants.Seconds(manifest.Duration).ToString(CultureInfo.InvariantCulture),
            [Frames] = manifest.Frames.ToString(CultureInfo.InvariantCulture),
            [Resolution] = string.Create(CultureInfo.InvariantCulture, $"{manifest.Height}x{manifest.Width}x{manifest.Channels}"),
            [Manifest] = Base64Url.EncodeToString(manifestBytes),
            [Signature] = signature,
        };
        if (traceparent is not null) metadata[Traceparent] = traceparent;
        return metadata;
    }

    /// <summary>The manifest's bytes out of an object's metadata; null where there are none or they are not base64url.</summary>
    public static byte[]? ManifestBytes(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(Manifest, out var text) && text.Length <= ManifestJson.MaxBytes * 2
        && Base64Url.IsValid(text)
            ? Base64Url.DecodeFromChars(text)
            : null;
}
