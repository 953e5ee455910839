using Crispy.Contracts;
using Crispy.Exporting;

namespace Crispy.Archive;

/// <summary>Signs the ledger's reports and the statements of exports, with a key of its own. If that key could sign chunks as well, who
/// shows chunks could also forge them.</summary>
public sealed class ReportSigner
{
    /// <summary>Signs nothing.</summary>
    public static readonly ReportSigner None = new(null);

    /// <summary>A signer.</summary>
    /// <param name="privatePem">A P-256 private key in PEM; null signs nothing.</param>
    /// <exception cref="FormatException">The text holds no P-256 private key.</exception>
    public ReportSigner(string? privatePem)
    {
        if (privatePem is null) return;
        (Signer, Exports) = (LedgerReport.Signer(privatePem), new(privatePem, ExportStatement.SignatureType));
    }

    /// <summary>The key's name (RFC 7638); null where nothing is signed.</summary>
    public string? KeyId => Signer?.KeyId;

    /// <summary>The public half, in PEM; null where nothing is signed.</summary>
    public string? PublicPem => Signer?.PublicPem;

    internal ManifestSigner? Signer { get; }

    /// <summary>Of another type, so that neither passes for the other.</summary>
    internal ManifestSigner? Exports { get; }
}
