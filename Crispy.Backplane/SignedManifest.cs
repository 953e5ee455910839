using System.Text;

namespace Crispy.Backplane;

/// <summary>A manifest with its signature, as one file of the spool holds them: two lines, each ended by a newline.
/// <code>
/// {"schema":"crispy.chunk/1","chunk":"gate/20261122T170844123Z/00000042",...}      the manifest's exact bytes, which the signature covers
/// eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9..c2lnbmF0dXJl                                the detached JWS (RFC 7515), ASCII
/// </code></summary>
/// <param name="ManifestBytes">The manifest, without the newline.</param>
/// <param name="Signature">The JWS, without the newline.</param>
public sealed record SignedManifest(byte[] ManifestBytes, string Signature)
{
    private const byte Newline = (byte)'\n';

    /// <summary>The content of the file.</summary>
    /// <exception cref="FormatException">As <see cref="Require"/>.</exception>
    public static byte[] Write(ReadOnlySpan<byte> manifest, string signature)
    {
        Require(manifest, signature);
        var content = new byte[manifest.Length + signature.Length + 2];
        manifest.CopyTo(content);
        content[manifest.Length] = Newline;
        Encoding.ASCII.GetBytes(signature, content.AsSpan(manifest.Length + 1));
        content[^1] = Newline;
        return content;
    }

    /// <summary>Reads a file back.</summary>
    /// <exception cref="FormatException">Its content is not what <see cref="Write"/> gives; says where it differs.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    public static SignedManifest Read(string path) => Parse(File.ReadAllBytes(path));

    /// <summary>Reads a file's content back.</summary>
    /// <exception cref="FormatException">It is not what <see cref="Write"/> gives; says where it differs.</exception>
    public static SignedManifest Parse(ReadOnlySpan<byte> content)
    {
        var manifest = FirstLine(content);
        var rest = content[manifest.Length..];
        if (rest.Length <= 1) throw new FormatException("a manifest's file without its second line, the signature");
        var signature = FirstLine(rest[1..]);
        var after = rest[(1 + signature.Length)..];
        if (after.IsEmpty) throw new FormatException("a manifest's file whose second line, the signature, is not ended by a newline");
        if (after.Length > 1) throw new FormatException($"a manifest's file with {after.Length - 1} bytes after its second line, the signature");
        var text = Encoding.Latin1.GetString(signature);
        Require(manifest, text);
        return new(manifest.ToArray(), text);
    }

    /// <summary>What stands before the first newline: the manifest, also in a file that <see cref="Parse"/> refuses.</summary>
    public static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> content) => content.IndexOf(Newline) is >= 0 and var end ? content[..end] : content;

    /// <summary>Refuses what does not fit into a line each: a manifest that came from elsewhere may be JSON over several lines.</summary>
    /// <exception cref="FormatException">The manifest is empty or holds a newline, or the signature is empty or holds other than printable ASCII; says which.</exception>
    public static void Require(ReadOnlySpan<byte> manifest, string signature)
    {
        if (manifest.IsEmpty) throw new FormatException("the manifest is empty");
        if (manifest.Contains(Newline)) throw new FormatException("the manifest is not one line");
        if (signature.Length == 0) throw new FormatException("the signature is empty");
        if (signature.AsSpan().ContainsAnyExceptInRange('!', '~')) throw new FormatException("the signature holds other than printable ASCII");
    }
}
