using System.Security.Cryptography;
using Jose;

namespace Crispy.Contracts;

/// <summary>Signs manifests and loss records, and everything else that is signed, which has a type of its own. A signature is a JWS (RFC
/// 7515) with ES256 and a detached payload (its appendix F), the exact bytes. Any JOSE library can check it.
/// Safe for concurrent use.</summary>
public sealed class ManifestSigner : IDisposable
{
    private static readonly JwtOptions Detached = new() { DetachPayload = true };

    private readonly ECDsa _key;
    private readonly Dictionary<string, object> _header;
    private readonly Lock _oneAtATime = new();

    /// <summary>A signer for one private key.</summary>
    /// <param name="privatePem">A P-256 private key in PEM.</param>
    /// <param name="type">The <c>typ</c> (RFC 7515, section 4.1.9) of what it signs, so that nothing else passes for it. Null for manifests
    /// and loss records, which have none.</param>
    /// <exception cref="FormatException">The text holds no P-256 private key.</exception>
    public ManifestSigner(string privatePem, string? type = null)
    {
        _key = SigningKey.ReadPrivate(privatePem);
        KeyId = SigningKey.Thumbprint(_key);
        PublicPem = _key.ExportSubjectPublicKeyInfoPem();
        _header = new(StringComparer.Ordinal) { ["kid"] = KeyId };
        if (type is not null) _header["typ"] = type;
    }

    /// <summary>The key's name (RFC 7638), which stands in every signature's header.</summary>
    public string KeyId { get; }

    /// <summary>The public half, in PEM.</summary>
    public string PublicPem { get; }

    /// <summary>The compact JWS of a statement, with nothing between its two dots.</summary>
    public string Sign(byte[] manifest)
    {
        lock (_oneAtATime) return JWT.EncodeBytes(manifest, _key, JwsAlgorithm.ES256, _header, options: Detached);
    }

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}
