using Crispy.Contracts;

namespace Crispy.Spool;

/// <summary>A manifest with its signature, as one file of the spool holds them: two lines, each ended by a newline.
/// <code>
/// {"schema":"crispy.chunk/1","chunk":"gate/20261122T170844123Z/00000042",...}      the manifest's exact bytes, which the signature covers
/// eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9..c2lnbmF0dXJl                                the detached JWS (RFC 7515), ASCII
/// </code></summary>
/// <param name="ManifestBytes">The manifest, without the newline.</param>
/// <param name="Signature">The JWS, without the newline.</param>
public sealed record SignedManifest(byte[] ManifestBytes, string Signature)
{
    private const string What = "manifest";

    /// <summary>The content of the file.</summary>
    /// <exception cref="FormatException">As <see cref="Require"/>.</exception>
    public static byte[] Write(ReadOnlySpan<byte> manifest, string signature) => SignedLines.Write(manifest, signature, What);

    /// <summary>Reads a file back.</summary>
    /// <exception cref="FormatException">Its content is not what <see cref="Write"/> gives; says where it differs.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    public static SignedManifest Read(string path) => Parse(File.ReadAllBytes(path));

    /// <summary>Reads a file's content back.</summary>
    /// <exception cref="FormatException">It is not what <see cref="Write"/> gives; says where it differs.</exception>
    public static SignedManifest Parse(ReadOnlySpan<byte> content)
    {
        var (length, signature) = SignedLines.Parse(content, What);
        return new(content[..length].ToArray(), signature);
    }

    /// <inheritdoc cref="SignedLines.Require" />
    public static void Require(ReadOnlySpan<byte> manifest, string signature) => SignedLines.Require(manifest, signature, What);
}
