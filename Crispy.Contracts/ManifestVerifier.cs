using System.Security.Cryptography;
using Jose;

namespace Crispy.Contracts;

/// <summary>What checking a signature came to.</summary>
public enum SignatureState
{
    /// <summary>There is no signature.</summary>
    Missing,

    /// <summary>It does not fit the manifest, or is malformed.</summary>
    Invalid,

    /// <summary>It names a key that is not among the known ones: a foreign key made it, or the verifier has not been given a new one yet.</summary>
    UnknownKey,

    /// <summary>One of the known keys made it over exactly these bytes.</summary>
    Verified,
}

/// <summary>The states as they stand in log lines and reports.</summary>
public static class SignatureStateText
{
    /// <summary><c>verified</c>, <c>invalid</c>, <c>missing</c> or <c>unknownKey</c>.</summary>
    public static string Of(SignatureState state) => state switch
    {
        SignatureState.Verified => "verified",
        SignatureState.Missing => "missing",
        SignatureState.UnknownKey => "unknownKey",
        _ => "invalid",
    };
}

/// <summary>Checks signatures against several public keys at once, so that keys can rotate. Safe for concurrent use.</summary>
public sealed class ManifestVerifier : IDisposable
{
    // Some 200 characters are a signature; what is far longer is not even parsed.
    private const int LongestSignature = 4096;

    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private readonly Lock _oneAtATime = new();

    /// <summary>A verifier for all keys of a text.</summary>
    /// <param name="publicKeys">PEM, any number, or a JSON Web Key Set, or both (<see cref="SigningKey.ReadPublic"/>).</param>
    /// <exception cref="FormatException">The text holds no key, or one that is not on P-256.</exception>
    public ManifestVerifier(string publicKeys)
        : this(SigningKey.ReadPublic(publicKeys))
    {
    }

    /// <summary>A verifier for some keys.</summary>
    /// <param name="keys">The keys, any number; they are disposed with the verifier.</param>
    public ManifestVerifier(IEnumerable<ECDsa> keys)
    {
        foreach (var key in keys)
        {
            if (!_keys.TryAdd(SigningKey.Thumbprint(key), key)) key.Dispose();
        }
    }

    /// <summary>The names (RFC 7638) of the known keys.</summary>
    public IReadOnlyCollection<string> KeyIds => _keys.Keys;

    /// <summary>The name of the key with which a signature says that it was made; null where it says nothing.</summary>
    public static string? KeyIdOf(string? signature)
    {
        if (signature is not { Length: > 0 and <= LongestSignature }) return null;
        try
        {
            return JWT.Headers(signature)?.TryGetValue("kid", out var name) == true ? name as string : null;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            return null;
        }
    }

    /// <summary>Checks a detached JWS over a statement's bytes.</summary>
    /// <param name="manifest">The bytes.</param>
    /// <param name="signature">The JWS.</param>
    /// <param name="type">The <c>typ</c> that it must have (<see cref="ManifestSigner"/>): one that was made for anything else is invalid.</param>
    public SignatureState Check(byte[] manifest, string? signature, string? type = null)
    {
        if (string.IsNullOrEmpty(signature)) return SignatureState.Missing;
        if (signature.Length > LongestSignature || signature.IndexOf("..", StringComparison.Ordinal) <= 0) return SignatureState.Invalid; // no header, or a payload of its own
        try
        {
            var header = JWT.Headers(signature);
            if (header?.TryGetValue("kid", out var name) != true || name is not string kid) return SignatureState.Invalid;
            if ((header.TryGetValue("typ", out var stated) ? stated as string ?? "" : null) != type) return SignatureState.Invalid;
            if (!_keys.TryGetValue(kid, out var key)) return SignatureState.UnknownKey;
            lock (_oneAtATime) JWT.DecodeBytes(signature, key, JwsAlgorithm.ES256, payload: manifest);
            return SignatureState.Verified;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            return SignatureState.Invalid;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    private static bool IsMalformed(Exception thrown) => thrown is JoseException or FormatException or ArgumentException or CryptographicException
        or System.Text.Json.JsonException or InvalidOperationException or IndexOutOfRangeException;
}
