using System.Security.Cryptography;
using Jose;

namespace Crispy.Contracts;

/// <summary>What checking a signature came to.</summary>
public enum SignatureState
{
    /// <summary>There is no signature.</summary>
    Missing,

    /// <summary>It does not fit the manifest, is malformed, or no known key made it.</summary>
    Invalid,

    /// <summary>One of the known keys made it over exactly these bytes.</summary>
    Verified,
}

/// <summary>Checks signatures against several public keys at once, so that keys can rotate. Safe for concurrent use.</summary>
public sealed class ManifestVerifier : IDisposable
{
    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private readonly Lock _oneAtATime = new();

    /// <summary>A verifier for all keys of a PEM text.</summary>
    /// <exception cref="FormatException">The text holds no key, or one that is not on P-256.</exception>
    public ManifestVerifier(string publicPems)
    {
        foreach (var key in SigningKey.ReadPublic(publicPems)) _keys[SigningKey.Thumbprint(key)] = key;
    }

    /// <summary>Checks a detached JWS over a manifest's bytes.</summary>
    public SignatureState Check(byte[] manifest, string? signature)
    {
        if (string.IsNullOrEmpty(signature)) return SignatureState.Missing;
        if (signature.IndexOf("..", StringComparison.Ordinal) <= 0) return SignatureState.Invalid; // no header, or a payload of its own
        try
        {
            if (JWT.Headers(signature)?.TryGetValue("kid", out var name) != true || name is not string kid || !_keys.TryGetValue(kid, out var key)) return SignatureState.Invalid;
            lock (_oneAtATime) JWT.DecodeBytes(signature, key, JwsAlgorithm.ES256, payload: manifest);
            return SignatureState.Verified;
        }
        catch (Exception malformed) when (malformed is JoseException or FormatException or ArgumentException or CryptographicException
            or System.Text.Json.JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            return SignatureState.Invalid;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
