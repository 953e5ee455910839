using System.Text;

namespace Crispy.Contracts;

/// <summary>A ledger's report as a file: <see cref="SignedLines"/> of its JSON in one line, or that line alone where nobody signed it.
/// <code>
/// {"schema":"crispy.ledger/1","made":"..","signed":true,"signedBy":"..",...}            the exact bytes, which the signature covers
/// eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uIiwidHlwIjoiY3Jpc3B5LWxlZGdlcitqd3MifQ..c2lnbg       the detached JWS (RFC 7515),
/// of the type <see cref="SignatureType"/>
/// </code></summary>
/// <param name="Json">The JSON, without the newline.</param>
/// <param name="Signature">The JWS; null where there is none.</param>
public sealed record LedgerReport(byte[] Json, string? Signature)
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const string CurrentSchema = "crispy.ledger/1";

    /// <summary>The <c>typ</c> of its signature: no manifest's or loss record's signature has one,
    /// so neither can pass for the other.</summary>
    public const string SignatureType = "crispy-ledger+jws";

    private const string What = "report";

    /// <summary>A signer for reports.</summary>
    /// <exception cref="FormatException">The text holds no P-256 private key.</exception>
    public static ManifestSigner Signer(string privatePem) => new(privatePem, SignatureType);

    /// <summary>Whether a file is, or was before somebody changed it, a report: it begins like one, or has a report's signature.</summary>
    public static bool IsOne(ReadOnlySpan<byte> content) =>
        content[..Math.Min(content.Length, 64)].IndexOf("\"crispy.ledger/"u8) >= 0
        || (SecondLine(content) is { } line && line.IndexOf("..", StringComparison.Ordinal) > 0 && content[0] == '{');

    /// <summary>The content of the file.</summary>
    /// <param name="json">The JSON, in one line.</param>
    /// <param name="signer">From <see cref="Signer"/>; null leaves it unsigned.</param>
    public static byte[] Write(byte[] json, ManifestSigner? signer) =>
        signer is null ? [.. json, (byte)'\n'] : SignedLines.Write(json, signer.Sign(json), What);

    /// <summary>Reads a file's content back; nothing of it is checked but its form.</summary>
    /// <exception cref="FormatException">It is not what <see cref="Write"/> gives; says where it differs.</exception>
    public static LedgerReport Read(ReadOnlySpan<byte> content)
    {
        var json = SignedLines.FirstLine(content);
        if (content.Length <= json.Length + 1) return new(json.ToArray(), null);
        var (length, signature) = SignedLines.Parse(content, What);
        return new(content[..length].ToArray(), signature);
    }

    /// <summary>Checks the signature.</summary>
    public SignatureState Check(ManifestVerifier verifier) => verifier.Check(Json, Signature, SignatureType);

    private static string? SecondLine(ReadOnlySpan<byte> content)
    {
        var first = SignedLines.FirstLine(content);
        return first.Length is 0 || content.Length <= first.Length + 1 || content.Length > first.Length + 4096
            ? null
            : Encoding.Latin1.GetString(content[(first.Length + 1)..]);
    }
}
